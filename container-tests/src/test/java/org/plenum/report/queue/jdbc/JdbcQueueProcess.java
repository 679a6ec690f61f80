package org.plenum.report.queue.jdbc;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.logging.Level;
import java.util.logging.Logger;
import javax.sql.DataSource;
import org.plenum.report.queue.BufferedQueue;
import org.plenum.report.queue.QueueException;
import org.plenum.report.queue.QueueOptions;
import org.plenum.report.queue.journal.QueueProcess;
import org.postgresql.ds.PGSimpleDataSource;

/** A queue in PostgreSQL in a process of its own, to be killed; it says what a journal's does. */
final class JdbcQueueProcess {
  static final Duration LEASE = Duration.ofSeconds(1);

  private JdbcQueueProcess() {}

  /** Arguments: URL, schema, first number. */
  public static void main(String[] arguments) throws Exception {
    Logger.getLogger("").setLevel(Level.OFF);
    DataSource database = pool(arguments[0], arguments[1]);
    QueueProcess.serve(opened(database), new AtomicLong(Long.parseLong(arguments[2])));
  }

  static HikariDataSource pool(String url, String schema) {
    PGSimpleDataSource postgres = new PGSimpleDataSource();
    postgres.setUrl(url);
    postgres.setCurrentSchema(schema);
    HikariConfig config = new HikariConfig();
    config.setDataSource(postgres);
    config.setMaximumPoolSize(8);
    return new HikariDataSource(config);
  }

  /** A queue whose owner was killed is free when its lease has run out. */
  private static BufferedQueue opened(DataSource database) {
    QueueOptions bounds = QueueOptions.defaults().withRedelivery(2, Duration.ofMillis(1), 9);
    JdbcOptions options = new JdbcOptions("killed", "child", LEASE, 100);
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
    while (true) {
      try {
        JdbcReportStore store = new JdbcReportStore(database, options, Clock.systemUTC());
        BufferedQueue queue = BufferedQueue.open(store, bounds, Clock.systemUTC());
        queue.addGroup("group", true);
        return queue;
      } catch (QueueException e) {
        if (e.reason() != QueueException.Reason.IN_USE || System.nanoTime() > end) {
          throw e;
        }
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(50));
      }
    }
  }
}
