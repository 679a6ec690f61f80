package org.plenum.web.push;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.plenum.platform.ErrorCode;
import org.plenum.platform.ServiceException;
import org.plenum.report.api.NewReport;
import org.plenum.report.api.ReportChannel;
import org.plenum.report.api.ReportEnvelope;
import org.plenum.report.api.ReportFeeds;

/**
 * The queue of one node in memory with one group, by the rules of the real one: in order,
 * cumulative acknowledgement, the newest consumer wins, what was not acknowledged comes again, a
 * rejected report alone.
 */
final class FakeQueue implements ReportFeeds {
  private static final long BATCH_CHARACTERS = 1 << 20;

  private final List<ReportEnvelope> reports = new ArrayList<>();
  private long acked;
  private long delivered;
  private long session;
  private long rejected;
  private int attempt = 1;
  private int mostInFlight;
  private int lost;
  private boolean away;

  synchronized void add(String source, String key, String body) {
    reports.add(
        new ReportEnvelope(
            new NewReport(
                source, key, "k", null, null, Instant.EPOCH, body, ReportChannel.REST, null),
            Instant.EPOCH));
    notifyAll();
  }

  synchronized long acked() {
    return acked;
  }

  synchronized long delivered() {
    return delivered;
  }

  synchronized int mostInFlight() {
    return mostInFlight;
  }

  /** How often a processing server was gone without a word that had reports. */
  synchronized int lost() {
    return lost;
  }

  /** Whether it gives and takes nothing, for a while. */
  synchronized void away(boolean now) {
    away = now;
    notifyAll();
  }

  private void reach() {
    if (away) {
      throw new ServiceException(ErrorCode.REPORTS_UNAVAILABLE, "it has ended");
    }
  }

  /** What becomes of it when its node dies: the group is where it was acknowledged. */
  synchronized void crash() {
    session++;
    delivered = acked;
    notifyAll();
  }

  @Override
  public synchronized Feed open(String group) {
    reach();
    crash();
    return new Consumer(session);
  }

  private final class Consumer implements Feed {
    private final long mine;

    Consumer(long mine) {
      this.mine = mine;
    }

    private void check() {
      reach();
      if (session != mine) {
        throw new ServiceException(ErrorCode.FEED_REPLACED, "replaced");
      }
    }

    @Override
    public long acked() {
      return FakeQueue.this.acked();
    }

    @Override
    public List<Delivered> poll(int most, Duration wait) throws InterruptedException {
      synchronized (FakeQueue.this) {
        long deadline = System.nanoTime() + wait.toNanos();
        check();
        while (delivered == reports.size() || (rejected > acked && delivered > acked)) {
          long left = (deadline - System.nanoTime()) / 1_000_000;
          if (left <= 0) {
            return List.of();
          }
          FakeQueue.this.wait(left);
          check();
        }
        List<Delivered> batch = new ArrayList<>();
        long characters = 0;
        boolean alone = rejected == delivered + 1;
        do {
          ReportEnvelope next = reports.get((int) delivered);
          delivered++;
          characters += next.report().body().length();
          batch.add(new Delivered(delivered, alone ? attempt : 1, next));
        } while (!alone
            && batch.size() < most
            && delivered < reports.size()
            && delivered + 1 != rejected
            && characters < BATCH_CHARACTERS);
        mostInFlight = Math.max(mostInFlight, (int) (delivered - acked));
        return batch;
      }
    }

    @Override
    public void ack(long sequence) {
      synchronized (FakeQueue.this) {
        check();
        if (sequence > delivered) {
          throw new ServiceException(ErrorCode.INVALID_VALUE, sequence + " was not delivered");
        }
        acked = Math.max(acked, sequence);
        FakeQueue.this.notifyAll();
      }
    }

    @Override
    public void reject(long sequence, String reason) {
      synchronized (FakeQueue.this) {
        check();
        if (sequence <= acked || sequence > delivered) {
          throw new ServiceException(ErrorCode.INVALID_VALUE, sequence + " is not in flight");
        }
        acked = sequence - 1;
        delivered = acked;
        attempt = rejected == sequence ? attempt + 1 : 2;
        rejected = sequence;
        FakeQueue.this.notifyAll();
      }
    }

    @Override
    public void close() {
      synchronized (FakeQueue.this) {
        if (session == mine) {
          crash();
        }
      }
    }

    @Override
    public void lost() {
      synchronized (FakeQueue.this) {
        if (session == mine && delivered > acked) {
          lost++;
        }
        close();
      }
    }
  }
}
