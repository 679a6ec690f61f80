package org.plenum.platform.health;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.plenum.platform.WorkerPool;
import org.plenum.platform.metrics.SilentMeters;

/** A database that says nothing holds no answer about health up. */
class DatabaseAskTest {
  private static final Duration WAIT = Duration.ofMillis(50);
  private static final Duration GRACE = Duration.ofSeconds(60);
  private static final Duration SURELY = Duration.ofSeconds(30);

  private final AtomicLong now = new AtomicLong(-5);
  private final AtomicInteger asked = new AtomicInteger();
  private final CountDownLatch silence = new CountDownLatch(1);
  private final WorkerPool thread =
      new WorkerPool("health-database", 1, 1, Executors.defaultThreadFactory(), new SilentMeters());

  @AfterEach
  void close() {
    silence.countDown();
    thread.close();
  }

  private DatabaseAsk ask(Duration wait, DatabaseAsk.Question question) {
    return new DatabaseAsk(
        () -> {
          asked.incrementAndGet();
          return question.answers();
        },
        thread,
        wait,
        GRACE,
        now::get);
  }

  /** As a driver does whose socket is silent: not even an interruption ends it. */
  private boolean hangs() {
    while (true) {
      try {
        silence.await();
        return true;
      } catch (InterruptedException e) {
        continue;
      }
    }
  }

  private void pass(Duration time) {
    now.addAndGet(time.toNanos());
  }

  @Test
  void aDatabaseThatAnswersIsUpAndAskedEachTime() {
    DatabaseAsk database = ask(SURELY, () -> true);
    for (int i = 1; i <= 5; i++) {
      pass(GRACE);
      assertThat(database.up()).isTrue();
      assertThat(asked.get()).isEqualTo(i);
      assertThat(database.facts())
          .containsEntry("state", "answers")
          .containsEntry("ageSeconds", "0");
    }
  }

  @Test
  void aQuestionThatHangsIsAskedOnceAndTheDatabaseIsDownAfterTheGrace() {
    DatabaseAsk database = ask(WAIT, this::hangs);
    for (int i = 0; i < 59; i++) {
      assertThat(database.up()).isTrue();
      pass(Duration.ofSeconds(1));
    }
    assertThat(database.facts())
        .containsEntry("state", "no answer for 59 s, before: not asked yet")
        .containsEntry("ageSeconds", "59");
    pass(Duration.ofSeconds(1));
    assertThat(database.up()).isFalse();
    assertThat(asked.get()).isEqualTo(1);
  }

  @Test
  void anAnswerThatComesLateCounts() {
    DatabaseAsk database = ask(WAIT, this::hangs);
    pass(GRACE);
    assertThat(database.up()).isFalse();
    silence.countDown();
    await().until(() -> database.facts().get("state").equals("answers"));
    assertThat(database.up()).isTrue();
  }

  @Test
  void aDatabaseThatRefusesLeavesTheNodeUpForTheGraceAndIsAskedAgain() {
    DatabaseAsk database =
        ask(
            SURELY,
            () -> {
              throw new SQLException("refused");
            });
    assertThat(database.up()).isTrue();
    assertThat(database.facts()).containsEntry("state", "away: refused");
    pass(GRACE);
    assertThat(database.up()).isFalse();
    assertThat(asked.get()).isEqualTo(2);
  }

  @Test
  void afterTheApplicationStoppedNothingIsAsked() {
    DatabaseAsk database = ask(SURELY, () -> true);
    thread.close();
    assertThat(database.up()).isTrue();
    assertThat(database.facts()).containsEntry("state", "not asked, the application stops");
    assertThat(asked.get()).isZero();
  }
}
