package org.plenum.report.queue.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.plenum.report.queue.Cursor;
import org.plenum.report.queue.DeadLetter;
import org.plenum.report.queue.QueueException;
import org.plenum.report.queue.QueuedReport;
import org.plenum.report.queue.ReportStore;
import org.plenum.report.queue.Reports;
import org.plenum.report.queue.journal.SimulatedDisk.PowerLoss;

/**
 * The journal on a disk that loses power in the middle of any operation, and whose forces fail:
 * whatever was acknowledged is there afterwards, in order, once, with its content; cursors never
 * fall behind what was saved and never go beyond what was tried.
 */
class JournalPowerLossTest {
  private static final int RUNS = 1_500;

  /** Some thousand failures are part of this test: each would be logged. */
  private final Logger log = Logger.getLogger(JournalStore.class.getName());

  @BeforeEach
  void quiet() {
    log.setLevel(Level.OFF);
  }

  @AfterEach
  void loud() {
    log.setLevel(null);
  }

  @Test
  void whateverWasAcknowledgedSurvivesPowerLossAtAnyOperation() {
    long base = Long.getLong("plenum.test.seed", System.nanoTime());
    int lives = 0;
    int failedForces = 0;
    for (int run = 0; run < RUNS; run++) {
      Run each = new Run(base + run);
      try {
        each.play();
      } catch (AssertionError | RuntimeException e) {
        fail("-Dplenum.test.seed=" + (base + run) + ": " + e.getMessage(), e);
      }
      lives += each.lives;
      failedForces += each.failedForces;
    }
    assertThat(lives).isGreaterThan(RUNS * 3);
    assertThat(failedForces).isPositive();
  }

  private static final class Run {
    private final Random random;
    private final SimulatedDisk disk = new SimulatedDisk();

    /** Sequence to the number of the report that was acknowledged there. */
    private final TreeMap<Long, Long> acknowledged = new TreeMap<>();

    /** Tried, not acknowledged: may be there or not. */
    private final TreeMap<Long, List<Long>> tried = new TreeMap<>();

    private long numbers;

    /** Sequences of durable dead letters; those that were tried may be there or not. */
    private final TreeSet<Long> letters = new TreeSet<>();

    private final TreeSet<Long> uncertainLetters = new TreeSet<>();

    private long cursorSaved;
    private long cursorTried;
    private long discarded;
    private int lives;
    private int failedForces;

    Run(long seed) {
      this.random = Reports.random(seed);
    }

    void play() {
      int restarts = 3 + random.nextInt(4);
      for (int life = 0; life < restarts; life++) {
        disk.failPowerAfter(random.nextInt(120));
        try {
          live();
        } catch (PowerLoss e) {
          lives++;
        }
        disk.restart(random);
      }
      try (JournalStore store = store()) {
        verify(store, store.open());
      }
    }

    private JournalStore store() {
      JournalOptions options = new JournalOptions("node", 4_096, Duration.ZERO);
      return new JournalStore(disk, options, Clock.systemUTC(), step -> {}, false);
    }

    /** Not closed: the machine stops. */
    private void live() {
      JournalStore store = store();
      verify(store, store.open());
      while (true) {
        switch (random.nextInt(10)) {
          case 0 -> saveCursor(store);
          case 1 -> store.discard(random.nextLong(cursorSaved + 1) + 1);
          case 2 -> addLetter(store);
          case 3 -> removeLetter(store);
          default -> append(store);
        }
        discarded = Math.max(discarded, store.view().first() - 1);
      }
    }

    private void append(JournalStore store) {
      long first = store.view().last() + 1;
      List<QueuedReport> batch = new ArrayList<>();
      int count = 1 + random.nextInt(5);
      for (int i = 0; i < count; i++) {
        long number = ++numbers;
        int more = random.nextInt(10) == 0 ? random.nextInt(3_000) : random.nextInt(100);
        batch.add(new QueuedReport(first + i, 0, Reports.sized(number, more)));
        tried.computeIfAbsent(first + i, sequence -> new ArrayList<>()).add(number);
      }
      perhapsFailing(
          () -> {
            store.append(batch);
            for (int i = 0; i < count; i++) {
              acknowledged.put(first + i, numberOf(batch.get(i)));
            }
          });
    }

    private void saveCursor(JournalStore store) {
      long to = cursorTried + random.nextLong(store.view().last() - cursorTried + 1);
      cursorTried = to;
      perhapsFailing(
          () -> {
            store.saveCursors(List.of(new Cursor("group", to, 0)));
            cursorSaved = to;
          });
    }

    private void addLetter(JournalStore store) {
      long sequence = ++numbers;
      uncertainLetters.add(sequence);
      QueuedReport report = new QueuedReport(sequence, 0, Reports.of(sequence));
      perhapsFailing(
          () -> {
            store.addDeadLetter(new DeadLetter(0, "group", report, "no", 3, Instant.EPOCH));
            letters.add(sequence);
            uncertainLetters.remove(sequence);
          });
    }

    private void removeLetter(JournalStore store) {
      for (DeadLetter letter : store.deadLetters(random.nextInt(3), 1)) {
        long sequence = letter.report().sequence();
        letters.remove(sequence);
        uncertainLetters.add(sequence);
        perhapsFailing(
            () -> {
              assertThat(store.removeDeadLetter(letter.id())).isTrue();
              uncertainLetters.remove(sequence);
            });
      }
    }

    private void perhapsFailing(Runnable work) {
      if (random.nextInt(12) == 0) {
        disk.failForces(1);
        failedForces++;
      }
      try {
        work.run();
      } catch (QueueException e) {
        assertThat(e.reason()).isEqualTo(QueueException.Reason.STORAGE_FAILED);
      } finally {
        disk.failForces(0);
      }
    }

    private void verify(JournalStore store, ReportStore.Contents found) {
      long last = acknowledged.isEmpty() ? 0 : acknowledged.lastKey();
      assertThat(found.last()).as("last report").isGreaterThanOrEqualTo(last);
      assertThat(found.first()).as("first report").isLessThanOrEqualTo(discarded + 1 + 200);
      long cursor = found.cursors().isEmpty() ? 0 : found.cursors().get(0).acked();
      assertThat(cursor).as("cursor").isBetween(cursorSaved, cursorTried);
      verifyLetters(store);
      Map<Long, Long> stored = new TreeMap<>();
      for (long next = found.first(); next <= found.last(); ) {
        List<QueuedReport> read = store.read(next, 1 + random.nextInt(20), 10_000);
        for (QueuedReport report : read) {
          assertThat(report.sequence()).isEqualTo(next++);
          stored.put(report.sequence(), numberOf(report));
        }
      }
      acknowledged
          .tailMap(found.first())
          .forEach(
              (sequence, number) ->
                  assertThat(stored.get(sequence)).as("report at " + sequence).isEqualTo(number));
      stored.forEach(
          (sequence, number) -> {
            if (!number.equals(acknowledged.get(sequence))) {
              assertThat(tried.get(sequence)).contains(number);
              acknowledged.put(sequence, number); // consumers may see it from now on
            }
          });
      cursorSaved = Math.max(cursor, cursorSaved);
      cursorTried = cursor;
    }

    private void verifyLetters(JournalStore store) {
      List<Long> found = new ArrayList<>();
      for (DeadLetter letter : store.deadLetters(0, Integer.MAX_VALUE)) {
        assertThat(letter.report().report().payload())
            .isEqualTo(Reports.of(letter.report().sequence()).payload());
        found.add(letter.report().sequence());
      }
      assertThat(found).doesNotHaveDuplicates().containsAll(letters);
      assertThat(letters.containsAll(found) || uncertainLetters.containsAll(minus(found, letters)))
          .as("letters that nobody wrote")
          .isTrue();
      letters.clear();
      letters.addAll(found);
      uncertainLetters.clear();
    }

    private static List<Long> minus(List<Long> all, Set<Long> known) {
      return all.stream().filter(each -> !known.contains(each)).toList();
    }

    private static long numberOf(QueuedReport report) {
      long number = Long.parseLong(report.report().key().substring("key-".length()));
      byte[] payload = report.report().payload();
      int name = ("report " + number + " ").length();
      assertThat(payload).isEqualTo(Reports.sized(number, payload.length - name).payload());
      return number;
    }
  }
}
