package org.plenum.report.queue;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import org.jetbrains.lincheck.LincheckAssertionError;
import org.jetbrains.lincheck.datastructures.ModelCheckingOptions;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.StressOptions;
import org.junit.jupiter.api.Test;

/**
 * The hand-over from the flusher to a group's consumer under every order of threads that the model
 * checker of Lincheck tries (QUE-3 to QUE-7): a second buffer of two reports, so that nearly every
 * scenario swaps, overflows and reads storage.
 */
class HandOverLincheckTest {
  private static final int BUFFER = 2;

  @Test
  void whateverTheThreadsDoAConsumerGetsEachReportOnceAndInOrder() {
    new ModelCheckingOptions()
        .iterations(6)
        .invocationsPerIteration(250)
        .threads(3)
        .actorsBefore(3)
        .actorsPerThread(3)
        .actorsAfter(3)
        .sequentialSpecification(Specification.class)
        .check(Group.class);
  }

  @Test
  void onRealThreadsToo() {
    new StressOptions()
        .iterations(20)
        .invocationsPerIteration(500)
        .threads(3)
        .actorsBefore(3)
        .actorsPerThread(4)
        .actorsAfter(3)
        .sequentialSpecification(Specification.class)
        .check(Group.class);
  }

  /** Otherwise the two tests above would prove little. */
  @Test
  void theCheckerFindsTheSameBufferWithoutTheLock() {
    ModelCheckingOptions options =
        new ModelCheckingOptions()
            .iterations(20)
            .invocationsPerIteration(500)
            .threads(2)
            .actorsPerThread(3)
            .minimizeFailedScenario(false)
            .sequentialSpecification(Specification.class);
    assertThatThrownBy(() -> options.check(WithoutLock.class))
        .isInstanceOf(LincheckAssertionError.class);
  }

  /** What each operation answers when nothing happens at once. */
  public static class Specification {
    private long persisted;
    private long delivered;
    private long acked;

    public long persist() {
      return ++persisted;
    }

    public long poll() {
      return delivered < persisted ? ++delivered : 0;
    }

    public long acknowledge() {
      acked = delivered;
      return acked;
    }

    public long lag() {
      return persisted - acked;
    }
  }

  /** A group, its storage, its flusher, its consumer, and somebody who looks. */
  public static class Group {
    private final InMemoryReportStore store = new InMemoryReportStore();
    private final ConsumerGroup group;
    private final long session;
    private long last;

    public Group() {
      store.open();
      group =
          new ConsumerGroup(
              new Cursor("group", 0, 0),
              0,
              QueueOptions.defaults().withSecond(BUFFER, 1_000),
              store,
              Clock.fixed(Instant.EPOCH, ZoneOffset.UTC),
              letter -> {},
              cursor -> {});
      session = group.attach();
    }

    @Operation(nonParallelGroup = "flusher")
    public long persist() {
      List<QueuedReport> next = List.of(report(++last));
      store.append(next);
      group.admit(next);
      return last;
    }

    @Operation(nonParallelGroup = "consumer")
    public long poll() throws InterruptedException {
      ReportBatch batch = group.poll(session, 1, 1_000, 0);
      return batch.reports().isEmpty() ? 0 : batch.reports().get(0).sequence();
    }

    @Operation(nonParallelGroup = "consumer")
    public long acknowledge() {
      long delivered = group.view().delivered();
      group.ack(session, delivered);
      return delivered;
    }

    @Operation
    public long lag() {
      return group.view().lag();
    }
  }

  /** The rules without the lock that has to be held around them. */
  public static class WithoutLock {
    private final SecondBuffer buffer =
        new SecondBuffer(BUFFER, 1_000, 0, 0, Clock.fixed(Instant.EPOCH, ZoneOffset.UTC));
    private long last;

    @Operation(nonParallelGroup = "flusher")
    public long persist() {
      buffer.admit(List.of(report(++last)));
      return last;
    }

    @Operation(nonParallelGroup = "consumer")
    public long poll() {
      SecondBuffer.Taken taken = buffer.take(1, 1_000);
      if (taken instanceof SecondBuffer.Taken.Reports reports) {
        return reports.reports().get(0).sequence();
      }
      if (taken instanceof SecondBuffer.Taken.FromStorage wanted) {
        buffer.deliver(List.of(report(wanted.first())));
        return wanted.first();
      }
      return 0;
    }
  }

  private static QueuedReport report(long sequence) {
    return new QueuedReport(sequence, 0, new Report("source", "key " + sequence, new byte[1]));
  }
}
