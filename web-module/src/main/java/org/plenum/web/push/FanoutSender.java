package org.plenum.web.push;

import java.util.ArrayList;
import java.util.List;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.plenum.update.Update;

/**
 * Makes frames of what waits in the groups of one fan-out thread, queues them at the sockets, and
 * has the sockets write. Knows which groups and sockets the next flush is for. Confined to that
 * thread; never blocks.
 */
final class FanoutSender {
  private static final Logger LOG = Logger.getLogger(FanoutSender.class.getName());
  private static final int ENTRIES_PER_FRAME = 256;
  private static final int BYTES_PER_FRAME = 48 * 1024;

  /** One of the two frames that have a client look for itself. */
  private interface Resync {
    Frame of(GroupChannel group, long head);
  }

  private final PushHub hub;
  private final FlushPace pace;
  private final List<GroupChannel> dirtyChannels = new ArrayList<>();
  private final List<PushConnection> dirtyConnections = new ArrayList<>();
  private final byte[] scratch = new byte[Outbound.CHUNK];

  FanoutSender(PushHub hub, FlushPace pace) {
    this.hub = hub;
    this.pace = pace;
  }

  /** Whether there is nothing to flush. */
  boolean idle() {
    return dirtyChannels.isEmpty() && dirtyConnections.isEmpty();
  }

  /** Sends everything that waits. */
  void flush() {
    long start = System.nanoTime();
    try {
      for (int i = 0; i < dirtyChannels.size(); i++) {
        emit(dirtyChannels.get(i));
      }
      for (int i = 0; i < dirtyConnections.size(); i++) {
        dirtyConnections.get(i).outbound().pump(scratch);
      }
    } catch (RuntimeException | Error e) {
      LOG.log(Level.SEVERE, "a flush failed; the thread goes on", e);
      for (int i = 0; i < dirtyChannels.size(); i++) {
        dirtyChannels.get(i).pending.clear();
      }
      hub.shedSockets("a flush failed");
    }
    dirtyChannels.clear();
    dirtyConnections.clear();
    pace.flushed(start);
  }

  /** Marks a connection for the next flush. */
  void dirty(PushConnection connection) {
    pace.hurry();
    mark(connection);
  }

  /** Marks a connection that has nothing but the answer to a write. */
  void answered(PushConnection connection) {
    if (idle()) {
      pace.answerFirst();
    }
    mark(connection);
  }

  private void mark(PushConnection connection) {
    int size = dirtyConnections.size();
    if (size == 0 || dirtyConnections.get(size - 1) != connection) {
      dirtyConnections.add(connection);
    }
  }

  /** The group's next entry waits for the flush. */
  void append(GroupChannel channel, Update update) {
    channel.advance(update.seq());
    if (channel.pending.isEmpty()) {
      channel.dirtySince = System.nanoTime();
      dirtyChannels.add(channel);
    }
    channel.pending.add(update);
  }

  /** Queues a frame that must not be dropped; a socket that has no room for it is ended. */
  void send(PushConnection connection, Frame frame) {
    if (connection.outbound().offerAlways(frame)) {
      dirty(connection);
    } else {
      hub.tooSlow(connection);
    }
  }

  /** Queues what waits in the group at its sockets. */
  void emit(GroupChannel channel) {
    List<Update> pending = channel.pending;
    int size = pending.size();
    if (size == 0) {
      return;
    }
    int from = 0;
    while (from < size) {
      if (pending.get(from).json().length == 0) {
        skip(channel, pending.get(from).seq());
        from++;
      } else {
        int to = frameEnd(pending, from);
        emit(channel, pending, from, to);
        from = to;
      }
    }
    pending.clear();
    hub.meters().flushed(System.nanoTime() - channel.dirtySince);
  }

  private void emit(GroupChannel channel, List<Update> updates, int from, int to) {
    Frame frame = Frame.updates(channel, updates, from, to);
    long first = updates.get(from).seq();
    long last = updates.get(to - 1).seq();
    int sent = 0;
    List<Subscription> subscriptions = channel.subscriptions;
    for (int i = 0; i < subscriptions.size(); i++) {
      Subscription subscription = subscriptions.get(i);
      subscription.confirm(first);
      if (subscription.state != Subscription.State.LIVE || subscription.lastSeq >= last) {
        continue;
      }
      if (subscription.lastSeq == first - 1) {
        offer(subscription, frame, last);
        sent++;
      } else if (subscription.lastSeq >= first) {
        int tail = from + (int) (subscription.lastSeq - first + 1);
        offer(subscription, Frame.updates(channel, updates, tail, to), last);
      } else {
        resync(subscription);
      }
    }
    hub.meters().delivered(sent, (long) sent * (to - from));
  }

  private static int frameEnd(List<Update> updates, int from) {
    int to = from;
    int bytes = 0;
    while (to < updates.size()
        && to - from < ENTRIES_PER_FRAME
        && updates.get(to).json().length > 0
        && (to == from || bytes + updates.get(to).json().length <= BYTES_PER_FRAME)) {
      bytes += updates.get(to).json().length;
      to++;
    }
    return to;
  }

  /** An entry that is no longer kept: sockets are told to look for themselves. */
  private void skip(GroupChannel channel, long seq) {
    List<Subscription> subscriptions = channel.subscriptions;
    for (int i = 0; i < subscriptions.size(); i++) {
      Subscription subscription = subscriptions.get(i);
      subscription.confirm(seq);
      if (subscription.state == Subscription.State.LIVE && subscription.lastSeq < seq) {
        subscription.lastSeq = seq;
        send(subscription.connection, ServerMessages.resync(channel, seq));
      }
    }
  }

  /** Queues a frame that brings the socket to this sequence; without room for it, it lags. */
  void offer(Subscription subscription, Frame frame, long last) {
    PushConnection connection = subscription.connection;
    if (connection.outbound().offer(frame)) {
      subscription.lastSeq = last;
    } else {
      subscription.state = Subscription.State.LAGGING;
      connection.outbound().purge(subscription.channel);
      hub.meters().overflow();
    }
    dirty(connection);
  }

  /** The client is to look for itself up to the head. */
  void resync(Subscription subscription) {
    resync(subscription, ServerMessages::resync);
  }

  /** The client has seen entries that the database lost, and is to begin anew. */
  void otherHistory(Subscription subscription) {
    resync(subscription, ServerMessages::otherHistory);
  }

  private void resync(Subscription subscription, Resync frame) {
    GroupChannel channel = subscription.channel;
    subscription.state = Subscription.State.LIVE;
    subscription.assumed = false;
    subscription.lastSeq = channel.head();
    hub.meters().resync();
    send(subscription.connection, frame.of(channel, channel.head()));
  }

  /** Queues what the socket has missed, if it is whole; else the client looks for itself. */
  void catchUpFrom(Subscription subscription, List<Update> missed) {
    if (missed.isEmpty()) {
      return;
    }
    GroupChannel channel = subscription.channel;
    channel.advance(missed.getLast().seq());
    boolean whole =
        missed.getFirst().seq() == subscription.lastSeq + 1
            && missed.stream().noneMatch(update -> update.json().length == 0);
    if (!whole) {
      resync(subscription);
      return;
    }
    int from = 0;
    while (from < missed.size() && subscription.state == Subscription.State.LIVE) {
      int to = frameEnd(missed, from);
      offer(subscription, Frame.updates(channel, missed, from, to), missed.get(to - 1).seq());
      from = to;
    }
  }
}
