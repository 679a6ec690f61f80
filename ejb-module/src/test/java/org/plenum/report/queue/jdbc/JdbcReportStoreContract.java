package org.plenum.report.queue.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.Random;
import java.util.TreeMap;
import javax.sql.DataSource;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.plenum.report.queue.QueueException;
import org.plenum.report.queue.QueuedReport;
import org.plenum.report.queue.Report;
import org.plenum.report.queue.ReportStore;
import org.plenum.report.queue.ReportStoreContract;
import org.plenum.report.queue.Reports;
import org.plenum.writer.TestDatabase;

/** The storage in a database, on any product. */
abstract class JdbcReportStoreContract extends ReportStoreContract {
  private static final Duration OVER_AT_ONCE = Duration.ofMillis(1);

  private TestDatabase database;

  /** A fresh database with the real migrations. */
  abstract TestDatabase database() throws Exception;

  @BeforeEach
  void prepare() throws Exception {
    database = database();
  }

  @Override
  protected void dropStorage() throws Exception {
    database.close();
  }

  @Override
  protected ReportStore store() {
    return store(database.dataSource(), Duration.ofMinutes(10));
  }

  @Override
  protected ReportStore weakStore() {
    return store(database.dataSource(), OVER_AT_ONCE);
  }

  private static ReportStore store(DataSource dataSource, Duration lease) {
    JdbcOptions options = new JdbcOptions("node-1", "node", lease, 100);
    return new JdbcReportStore(dataSource, options, Clock.systemUTC());
  }

  /**
   * A connection that breaks in its commit says nothing of whether that was done, and a process
   * that dies then hears it from the next one. Seeded.
   */
  @Test
  void aCommitWithoutAnAnswerLosesNothingAcknowledgedAndDoublesNothing() throws Exception {
    Random random = Reports.random(20_261_127);
    UnsureCommits unsure = new UnsureCommits(database.dataSource(), random, 0.15);
    NavigableMap<Long, Report> acknowledged = new TreeMap<>();
    ReportStore store = store(unsure.dataSource(), OVER_AT_ONCE);
    long last = opened(store).last();
    long number = 0;
    int refused = 0;
    for (int round = 0; round < 400; round++) {
      List<QueuedReport> batch = new ArrayList<>();
      for (int i = random.nextInt(5); i >= 0; i--) {
        batch.add(new QueuedReport(last + batch.size() + 1, round, Reports.of(++number)));
      }
      try {
        store.append(batch);
        batch.forEach(report -> acknowledged.put(report.sequence(), report.report()));
        last += batch.size();
      } catch (QueueException e) {
        refused++;
      }
      if (random.nextInt(25) == 0) {
        // What nobody was told of may be there.
        store = store(unsure.dataSource(), OVER_AT_ONCE);
        long before = last;
        last = opened(store).last();
        assertThat(last).isBetween(before, before + 5);
      }
    }
    assertThat(unsure.done()).as("commits without an answer").isGreaterThan(10);
    assertThat(unsure.undone()).as("broken before their commit").isGreaterThan(10);
    assertThat(refused).isGreaterThan(20);
    assertThat(acknowledged).as("it goes on after each").hasSizeGreaterThan((int) (number / 2));
    unsure.heal();
    ReportStore checker = weakStore();
    assertThat(checker.open().last()).isEqualTo(last);
    long next = 1;
    while (next <= last) {
      for (QueuedReport found : checker.read(next, 500, 1 << 20)) {
        assertThat(found.sequence()).isEqualTo(next);
        Report told = acknowledged.get(next);
        if (told != null) {
          assertThat(found.report().key()).isEqualTo(told.key());
          assertThat(found.report().payload()).isEqualTo(told.payload());
        }
        next++;
      }
    }
  }

  private static ReportStore.Contents opened(ReportStore store) {
    while (true) {
      try {
        return store.open();
      } catch (QueueException e) {
        assertThat(e.reason()).isEqualTo(QueueException.Reason.STORAGE_FAILED);
      }
    }
  }
}
