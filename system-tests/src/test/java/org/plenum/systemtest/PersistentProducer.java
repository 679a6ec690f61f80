package org.plenum.systemtest;

import jakarta.jms.ConnectionFactory;
import jakarta.jms.JMSRuntimeException;
import java.time.Duration;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.plenum.testkit.LegacySystem;

/**
 * A legacy system that gives no message up: what the broker did not acknowledge is sent again under
 * the same business keys, and nothing later before it.
 */
final class PersistentProducer extends PersistentSender {
  private static final Duration PAUSE = Duration.ofMillis(100);

  private final ConnectionFactory connections;
  private final String group;
  private final String from;
  private final int perCommit;
  private final int total;
  private @Nullable LegacySystem session;

  /**
   * A producer of one group.
   *
   * @param perCommit messages in one transaction; 1 for a session without transactions
   * @param total after how many messages it is done; a multiple of perCommit
   */
  PersistentProducer(
      ConnectionFactory connections, String group, String from, int perCommit, int total) {
    super(PAUSE);
    this.connections = connections;
    this.group = group;
    this.from = from;
    this.perCommit = perCommit;
    this.total = total;
  }

  String group() {
    return group;
  }

  @Override
  public void run() {
    for (int n = 0; n < total; n += perCommit) {
      int first = n;
      persist(
          IntStream.range(n, n + perCommit).mapToObj(PersistentProducer::text).toList(),
          () -> sent(first));
    }
    drop();
  }

  private static String text(int number) {
    return "order " + number;
  }

  private boolean sent(int first) {
    try {
      LegacySystem open = session;
      if (open == null) {
        open =
            perCommit == 1
                ? LegacySystem.connect(connections)
                : LegacySystem.connectTransacted(connections);
        session = open;
      }
      for (int i = first; i < first + perCommit; i++) {
        open.send(open.text(LegacySystem.post(group + "-" + i, group, from, text(i))));
      }
      if (perCommit > 1) {
        open.commit();
      }
      return true;
    } catch (JMSRuntimeException e) {
      drop();
      return false;
    }
  }

  private void drop() {
    LegacySystem open = session;
    session = null;
    if (open != null) {
      try {
        open.close();
      } catch (JMSRuntimeException e) {
        // The broker is gone, and the session with it.
      }
    }
  }
}
