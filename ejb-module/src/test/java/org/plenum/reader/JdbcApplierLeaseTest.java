package org.plenum.reader;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.plenum.writer.TestWriter;

/** One applier at a time, each with a higher epoch than the one before. */
class JdbcApplierLeaseTest {
  private final AtomicLong nanos = new AtomicLong();
  private TestWriter writer;
  private JdbcApplierLease first;
  private JdbcApplierLease second;

  @BeforeEach
  void open() throws Exception {
    writer = new TestWriter();
    first = JdbcApplierLease.shared(writer.dataSource(), "first", nanos::get);
    second = JdbcApplierLease.shared(writer.dataSource(), "second", nanos::get);
  }

  @AfterEach
  void close() throws Exception {
    writer.close();
  }

  private void pass(Duration time) {
    nanos.addAndGet(time.toNanos());
  }

  /** As the clock of the database would have it. */
  private void runsOut() throws SQLException {
    try (Connection connection = writer.dataSource().getConnection();
        Statement statement = connection.createStatement()) {
      statement.executeUpdate(
          "UPDATE reader_lease SET expires_at = CURRENT_TIMESTAMP - INTERVAL '1' SECOND");
    }
  }

  @Test
  void oneOfTwoHoldsIt() {
    long won = first.epoch();
    assertThat(won).isPositive();
    assertThat(second.epoch()).isZero();
    pass(Duration.ofSeconds(1));
    assertThat(first.epoch()).isEqualTo(won);
    assertThat(second.epoch()).isZero();
  }

  @Test
  void theOtherTakesItWhenItRanOutAndTheFirstIsFenced() throws Exception {
    long before = first.epoch();
    runsOut();
    long won = second.epoch();
    assertThat(won).isGreaterThan(before);
    pass(Duration.ofSeconds(1));
    assertThat(first.epoch()).isZero();
    assertThat(second.epoch()).isEqualTo(won);
  }

  @Test
  void whoWasPausedPastTheLeaseAsksBeforeItWrites() throws Exception {
    first.epoch();
    runsOut();
    second.epoch();
    pass(Duration.ofMinutes(1));
    assertThat(first.epoch()).isZero();
  }

  @Test
  void whoWaitsForTheCacheMeanwhileKnowsThatItRanOut() {
    long won = first.epoch();
    assertThat(first.lapsed()).isFalse();
    pass(Duration.ofSeconds(3));
    assertThat(first.lapsed()).isTrue();
    assertThat(first.epoch()).as("renewed in time by the clock of the database").isEqualTo(won);
    assertThat(first.lapsed()).isFalse();
  }

  @Test
  void aLeaseThatIsGivenBackIsTakenAtOnce() {
    long before = first.epoch();
    first.release();
    assertThat(second.epoch()).isGreaterThan(before);
  }

  @Test
  void withoutTheDatabaseItIsHeldNoLongerThanIsSure() throws Exception {
    long won = first.epoch();
    assertThat(won).isPositive();
    writer.close();
    pass(Duration.ofMillis(1_500));
    assertThat(first.epoch()).isEqualTo(won);
    pass(Duration.ofMillis(1_500));
    assertThat(first.epoch()).isZero();
  }

  @Test
  void aNodeThatIsAloneDoesNotWaitForWhoWasKilledAndHasAHigherEpoch() throws Exception {
    JdbcApplierLease killed = JdbcApplierLease.alone(writer.dataSource(), "killed", nanos::get);
    JdbcApplierLease next = JdbcApplierLease.alone(writer.dataSource(), "next", nanos::get);
    long before = killed.epoch();
    long won = next.epoch();
    assertThat(won).isGreaterThan(before);
    writer.close();
    pass(Duration.ofMinutes(1));
    assertThat(next.lapsed()).isFalse();
    assertThat(next.epoch()).as("kept without the database").isEqualTo(won);
  }

  private void sql(String sql) throws SQLException {
    try (Connection connection = writer.dataSource().getConnection();
        Statement statement = connection.createStatement()) {
      statement.executeUpdate(sql);
    }
  }

  @Test
  void whoWasForgottenByTheDatabaseDoesNotShareTheLeaseOfAnother() throws Exception {
    first.epoch();
    // A replica was promoted that had not heard of it, and another node took the same number there.
    sql("UPDATE reader_lease SET holder = 'another'");
    pass(Duration.ofSeconds(1));
    assertThat(first.epoch()).isZero();
  }

  @Test
  void aLeaseThatEndsInAFarFutureIsThatOfAClockThatWasSetBack() throws Exception {
    first.epoch();
    sql("UPDATE reader_lease SET expires_at = CURRENT_TIMESTAMP + INTERVAL '1' HOUR");
    assertThat(second.epoch()).isPositive();
  }
}
