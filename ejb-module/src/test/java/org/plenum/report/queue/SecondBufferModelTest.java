package org.plenum.report.queue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.plenum.report.queue.SecondBuffer.Taken;

/**
 * The second buffer against {@link BufferModel} in random interleavings of admissions, deliveries,
 * reads from storage with admissions in their middle, and redeliveries.
 */
class SecondBufferModelTest {
  private static final int RUNS = 20_000;
  private static final int STEPS = 60;
  private static final Clock CLOCK = Clock.fixed(Instant.EPOCH, ZoneOffset.UTC);

  @Test
  void buffersBehaveAsTheirRulesSayInEveryInterleaving() {
    long base = Long.getLong("plenum.test.seed", System.nanoTime());
    Coverage coverage = new Coverage();
    for (int run = 0; run < RUNS; run++) {
      long seed = base + run;
      try {
        new Run(seed, coverage).play();
      } catch (AssertionError | RuntimeException e) {
        fail("-Dplenum.test.seed=" + seed + ": " + e.getMessage(), e);
      }
    }
    assertThat(coverage.swaps).as("swaps").isPositive();
    assertThat(coverage.reads).as("reads from storage").isPositive();
    assertThat(coverage.returns).as("returns to normal").isPositive();
    assertThat(coverage.behindAgain).as("overflowed prefixes that were swapped in").isPositive();
    assertThat(coverage.rewinds).as("rewinds").isPositive();
    assertThat(coverage.overtaken).as("admissions within a read from storage").isPositive();
  }

  private static final class Coverage {
    long swaps;
    long reads;
    long returns;
    long behindAgain;
    long rewinds;
    long overtaken;
  }

  private static final class Run {
    private final Random random;
    private final Coverage coverage;
    private final int maxCount;
    private final long maxBytes;
    private final SecondBuffer buffer;
    private final BufferModel model;
    private final List<QueuedReport> storage = new ArrayList<>();
    private long expected = 1;

    Run(long seed, Coverage coverage) {
      this.random = Reports.random(seed);
      this.coverage = coverage;
      this.maxCount = 1 + random.nextInt(8);
      long unit = Reports.queued(1).report().weight();
      this.maxBytes = unit * (1 + random.nextInt(10));
      this.buffer = new SecondBuffer(maxCount, maxBytes, 0, 0, CLOCK);
      this.model = new BufferModel(maxCount, maxBytes);
    }

    void play() {
      int eagerness = 1 + random.nextInt(9);
      for (int step = 0; step < STEPS; step++) {
        int choice = random.nextInt(20);
        if (choice == 0) {
          rewind();
        } else if (choice <= 2 * eagerness) {
          take();
        } else {
          admit();
        }
        compare();
      }
      while (buffer.hasNext()) {
        take();
        compare();
      }
      assertThat(expected).isEqualTo(storage.size() + 1L);
      assertThat(buffer.isNormal()).isTrue();
    }

    private void admit() {
      List<QueuedReport> batch = new ArrayList<>();
      int count = 1 + random.nextInt(6);
      for (int i = 0; i < count; i++) {
        int more = random.nextInt(4) == 0 ? random.nextInt(600) : 0;
        long sequence = storage.size() + 1L;
        QueuedReport report = new QueuedReport(sequence, 0, Reports.sized(sequence, more));
        storage.add(report);
        batch.add(report);
        model.persisted(sequence, report.report().weight());
      }
      buffer.admit(batch);
    }

    private void take() {
      int most = 1 + random.nextInt(6);
      long mostBytes = 1 + random.nextInt(2_000);
      boolean reads = model.readsStorage();
      long swaps = buffer.view().swaps();
      Taken taken = buffer.take(most, mostBytes);
      if (taken instanceof Taken.FromStorage wanted) {
        check(reads, "a read from storage");
        read(wanted);
      } else {
        check(!reads, "a read from storage");
        List<Long> got =
            taken instanceof Taken.Reports reports
                ? Reports.sequences(reports.reports())
                : List.of();
        check(got.equals(model.take(most, mostBytes)), "what is taken");
        delivered(got);
      }
      coverage.swaps += buffer.view().swaps() - swaps;
    }

    private void read(Taken.FromStorage wanted) {
      coverage.reads++;
      check(wanted.first() == expected && wanted.maxCount() > 0, "what is to be read");
      int most = 1 + random.nextInt(wanted.maxCount());
      List<Long> sequences = model.stored(wanted.first(), most);
      check(sequences.size() == most, "what is asked for is persisted");
      while (random.nextInt(3) == 0) {
        coverage.overtaken++;
        admit();
      }
      int from = (int) wanted.first() - 1;
      buffer.deliver(storage.subList(from, from + most));
      model.deliveredFromStorage(sequences);
      delivered(sequences);
      if (buffer.isNormal()) {
        coverage.returns++;
      } else if (buffer.view().primaryCount() > 0) {
        coverage.behindAgain++;
      }
    }

    private void rewind() {
      if (expected > 1) {
        coverage.rewinds++;
        long to = random.nextInt((int) expected);
        buffer.moveTo(to);
        model.rewind(to);
        expected = to + 1;
      }
    }

    private void delivered(List<Long> sequences) {
      for (long sequence : sequences) {
        check(sequence == expected, "order of delivery");
        expected++;
      }
    }

    /** Plain comparisons: they run some millions of times. */
    private void compare() {
      SecondBufferView view = buffer.view();
      check(buffer.isNormal() != model.abnormal(), "normal");
      check(buffer.delivered() == model.lastDelivered(), "last delivered");
      check(view.primaryCount() == model.sizes().get(0), "size of the primary");
      check(view.standbyCount() == model.sizes().get(1), "size of the standby");
      check(Math.max(view.primaryCount(), view.standbyCount()) <= maxCount, "bound in count");
      check(Math.max(view.primaryBytes(), view.standbyBytes()) <= maxBytes, "bound in bytes");
    }

    private void check(boolean holds, String what) {
      if (!holds) {
        throw new AssertionError(what + ": " + buffer.view() + ", model " + model.sizes());
      }
    }
  }
}
