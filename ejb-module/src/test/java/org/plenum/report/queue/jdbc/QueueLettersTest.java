package org.plenum.report.queue.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CountDownLatch;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.plenum.report.queue.DeadLetter;
import org.plenum.report.queue.Reports;
import org.plenum.writer.TestDatabase;

/** The count of dead letters while several threads change them. */
class QueueLettersTest {
  private static final String SLOW = "slow";

  private final CountDownLatch committed = new CountDownLatch(1);
  private final CountDownLatch goOn = new CountDownLatch(1);
  private TestDatabase database;
  private JdbcReportStore store;

  @BeforeEach
  void open() throws Exception {
    database = TestDatabase.h2();
    JdbcOptions options = new JdbcOptions("node-1", "node", Duration.ofMinutes(10), 100);
    store = new JdbcReportStore(slowAfterCommit(database.dataSource()), options, Clock.systemUTC());
    var unused = store.open();
  }

  @AfterEach
  void close() throws Exception {
    goOn.countDown();
    store.close();
    database.close();
  }

  private static DeadLetter letter(long sequence) {
    return new DeadLetter(0, "a", Reports.queued(sequence), "no", 3, Instant.ofEpochMilli(77));
  }

  /** Connections that keep a thread named slow between its commit and what it does next. */
  private DataSource slowAfterCommit(DataSource real) {
    return (DataSource)
        Proxy.newProxyInstance(
            getClass().getClassLoader(),
            new Class<?>[] {DataSource.class},
            (proxy, method, arguments) -> {
              Object result = method.invoke(real, arguments);
              return result instanceof Connection connection ? slow(connection) : result;
            });
  }

  private Connection slow(Connection real) {
    return (Connection)
        Proxy.newProxyInstance(
            getClass().getClassLoader(),
            new Class<?>[] {Connection.class},
            (proxy, method, arguments) -> {
              try {
                return method.invoke(real, arguments);
              } catch (InvocationTargetException e) {
                throw e.getCause() instanceof SQLException cause ? cause : e;
              } finally {
                if (method.getName().equals("commit")
                    && Thread.currentThread().getName().equals(SLOW)) {
                  committed.countDown();
                  goOn.await();
                }
              }
            });
  }

  @Test
  void theCountIsThatOfTheLastCommitWhoeverIsHeardOfLast() throws Exception {
    Thread slow = Thread.ofPlatform().name(SLOW).start(() -> store.addDeadLetter(letter(1)));
    committed.await();
    store.addDeadLetter(letter(2));
    assertThat(store.deadLetterCount()).isEqualTo(2);
    goOn.countDown();
    slow.join();
    assertThat(store.deadLetterCount()).isEqualTo(2);
  }

  @Test
  void aRemovalThatIsHeardOfLateDoesNotCountTwice() throws Exception {
    long first = store.addDeadLetter(letter(1));
    store.addDeadLetter(letter(2));
    Thread slow = Thread.ofPlatform().name(SLOW).start(() -> store.removeDeadLetter(first));
    committed.await();
    store.addDeadLetter(letter(3));
    assertThat(store.deadLetterCount()).isEqualTo(2);
    goOn.countDown();
    slow.join();
    assertThat(store.deadLetterCount()).isEqualTo(2);
    assertThat(store.removeDeadLetter(first)).isFalse();
    assertThat(store.deadLetterCount()).isEqualTo(2);
  }
}
