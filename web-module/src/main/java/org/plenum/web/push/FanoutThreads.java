package org.plenum.web.push;

import java.util.ArrayList;
import java.util.List;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;
import org.plenum.group.api.GroupId;
import org.plenum.platform.CorrelationId;
import org.plenum.update.Update;

/**
 * The fan-out threads of this node and which of them has which group. Thread-safe; there are none
 * until they are made.
 */
final class FanoutThreads {
  private static final Logger LOG = Logger.getLogger(FanoutThreads.class.getName());

  private final PushMeters meters;
  private volatile FanoutWorker[] workers = {};

  FanoutThreads(PushMeters meters) {
    this.meters = meters;
  }

  /** From now on the groups are spread over these. */
  void are(FanoutWorker[] made) {
    workers = made;
  }

  int count() {
    return workers.length;
  }

  FanoutWorker get(int index) {
    return workers[index];
  }

  /** Who has this group. */
  FanoutWorker of(GroupId group) {
    FanoutWorker[] all = workers;
    return all[slot(group, all.length)];
  }

  /** Who is to flush this connection: the one that has the group, or any of them, but always it. */
  FanoutWorker of(PushConnection connection, @Nullable GroupId group) {
    FanoutWorker[] all = workers;
    return group == null ? all[(int) (connection.id() % all.length)] : of(group);
  }

  /** The index of who has this group. */
  int slot(GroupId group) {
    return slot(group, workers.length);
  }

  private static int slot(GroupId group, int count) {
    // The low half of the id is random.
    return (int) Long.remainderUnsigned(group.value().getLeastSignificantBits(), count);
  }

  /** Updates that wait for fan-out. */
  int backlog() {
    int sum = 0;
    for (FanoutWorker worker : workers) {
      sum += worker.backlog();
    }
    return sum;
  }

  /** Gives each of them this to do. */
  void postAll(FanoutWorker.Item item) {
    for (FanoutWorker worker : workers) {
      worker.post(item);
    }
  }

  /**
   * Gives one of them work for one connection. Where it fails halfway nobody knows what the client
   * would miss from then on, so the socket is closed and resumes.
   */
  void postFor(FanoutWorker worker, PushConnection connection, FanoutWorker.Item work) {
    worker.post(self -> orResume(self, connection, work));
  }

  /** As {@link #postFor}, for each of them. */
  void postAllFor(PushConnection connection, FanoutWorker.Item work) {
    postAll(self -> orResume(self, connection, work));
  }

  private void orResume(FanoutWorker worker, PushConnection connection, FanoutWorker.Item work) {
    try {
      work.run(worker);
    } catch (RuntimeException | Error e) {
      CorrelationId.during(
          connection.correlation(),
          () -> LOG.log(Level.SEVERE, "fan-out failed for a socket, which closes and resumes", e));
      meters.shed();
      connection.closeNow(CloseCode.TRY_AGAIN_LATER, "resume");
    }
  }

  /** Hands updates to who has their groups; false when one of them has too many waiting already. */
  boolean hand(List<Update> updates, int limit) {
    return workers.length == 1 ? workers[0].postUpdates(updates, limit) : split(updates, limit);
  }

  private boolean split(List<Update> updates, int limit) {
    int count = workers.length;
    List<List<Update>> parts = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      parts.add(List.of());
    }
    for (Update update : updates) {
      int slot = slot(update.group(), count);
      if (parts.get(slot).isEmpty()) {
        parts.set(slot, new ArrayList<>(updates.size()));
      }
      parts.get(slot).add(update);
    }
    boolean taken = true;
    for (int i = 0; i < count; i++) {
      if (!parts.get(i).isEmpty()) {
        taken &= workers[i].postUpdates(parts.get(i), limit);
      }
    }
    return taken;
  }
}
