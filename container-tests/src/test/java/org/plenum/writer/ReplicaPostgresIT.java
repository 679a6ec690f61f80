package org.plenum.writer;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.plenum.group.api.Actor;
import org.plenum.group.api.CommandAnswer;
import org.plenum.group.api.CommandAnswer.Accepted;
import org.plenum.group.api.CommandAnswer.Rejected;
import org.plenum.group.api.CommandEnvelope;
import org.plenum.group.api.Durability;
import org.plenum.group.api.GroupCommand;
import org.plenum.group.api.GroupCommand.CreateGroup;
import org.plenum.group.api.GroupCommand.PostMessage;
import org.plenum.group.api.GroupId;
import org.plenum.group.api.GroupType;
import org.plenum.group.api.PostingRule;
import org.plenum.group.domain.GroupDecider;
import org.plenum.group.domain.GroupLimits;
import org.plenum.platform.ErrorCode;
import org.plenum.platform.Ids;
import org.plenum.platform.metrics.SilentMeters;
import org.plenum.testkit.PostgresServer;
import org.plenum.update.EntryCodec;
import org.plenum.writer.ReplicaDatabase.Answer;
import org.plenum.writer.WriterCore.Answered;
import org.plenum.writer.WriterCore.Committed;

/** Writes of durability REPLICA on a real PostgreSQL with a real standby, which is killed. */
@Timeout(180)
class ReplicaPostgresIT {
  private static final Actor ADA = new Actor(1, "Ada");
  private static final Duration LIMIT = Duration.ofSeconds(1);

  private final Clock clock = Clock.systemUTC();
  private PostgresServer primary;
  private PostgresServer replica;
  private TestDatabase database;
  private ReplicaBarrier barrier;
  private WriterLoop loop;
  private Thread writer;
  private Thread confirming;
  private GroupId group;

  @BeforeEach
  void start() throws Exception {
    Path work =
        Path.of(System.getProperty("plenum.work", "target/work")).toAbsolutePath().normalize();
    primary =
        PostgresServer.start(
            work,
            List.of("wal_level = replica", "max_wal_senders = 5", "synchronous_commit = local"));
    replica = primary.replica("replica");
    database = TestDatabase.postgres(primary.jdbcUrl("plenum"));
    JdbcGroupStore store = new JdbcGroupStore(database.dataSource, database, new EntryCodec());
    WriterConfig config =
        new WriterConfig(
            10_000,
            64,
            Duration.ofMillis(1),
            8,
            16,
            24,
            Duration.ofSeconds(3),
            Duration.ofMillis(200),
            Duration.ofMillis(5),
            100,
            1_000,
            1_000,
            Duration.ofMillis(1),
            LIMIT);
    WriterCore core =
        new WriterCore(
            store, new GroupDecider(GroupLimits.defaults()), new EntryCodec(), clock, config);
    barrier =
        new ReplicaBarrier(
            new JdbcReplica(database.dataSource),
            1_000,
            LIMIT,
            System::nanoTime,
            new SilentMeters());
    core.refuseReplicaBy(barrier::refusal);
    loop =
        new WriterLoop(
            store,
            core,
            config,
            clock,
            "one",
            "",
            Duration.ofDays(1),
            Duration.ofDays(1),
            new SilentMeters(),
            this::tell);
    writer = Thread.ofPlatform().start(loop::run);
    confirming = Thread.ofPlatform().start(barrier::run);
    group = GroupId.newId(clock);
    answer(
            new CreateGroup(
                GroupType.PUBLIC, "General", "", PostingRule.EVERYONE, 0, null, List.of()),
            Durability.DISK)
        .orThrow();
  }

  /** As the bean of the writer does. */
  private void tell(Committed committed) {
    for (Answered answered : committed.answers()) {
      if (answered.forReplica() && answered.answer() instanceof Accepted accepted) {
        barrier.await(answered.command(), accepted);
      } else {
        answered.command().answer().complete(answered.answer());
      }
    }
  }

  @AfterEach
  void stop() throws Exception {
    if (loop != null) {
      loop.stop();
      barrier.stop();
      assertThat(writer.join(Duration.ofSeconds(30))).isTrue();
      assertThat(confirming.join(Duration.ofSeconds(30))).isTrue();
    }
    if (database != null) {
      database.close();
    }
    replica.close();
    primary.close();
  }

  private CompletableFuture<CommandAnswer> submit(
      UUID id, GroupCommand command, Durability durability) {
    return loop.submit(
            new CommandEnvelope(
                id, group, ADA, false, command, durability, clock.instant().plusSeconds(30)))
        .toCompletableFuture();
  }

  private CommandAnswer answer(GroupCommand command, Durability durability) throws Exception {
    return submit(Ids.newId(clock), command, durability).get(30, SECONDS);
  }

  private void synchronous() {
    sql("ALTER SYSTEM SET synchronous_standby_names = 'replica'");
    sql("SELECT pg_reload_conf()");
    await()
        .atMost(Duration.ofSeconds(30))
        .until(() -> answer(new PostMessage("r", null), Durability.REPLICA) instanceof Accepted);
  }

  /** Never waits for the replica itself. */
  private void sql(String statement) {
    try (Connection connection = primary.connect();
        Statement plain = connection.createStatement()) {
      plain.execute("SET synchronous_commit = local");
      plain.execute(statement);
    } catch (SQLException e) {
      throw new IllegalStateException(statement, e);
    }
  }

  private long rows(String where) throws SQLException {
    return database.column("SELECT COUNT(*) FROM timeline_entry " + where, Long.class).getFirst();
  }

  private static void assertRefused(CommandAnswer answer, ErrorCode code) {
    assertThat(answer)
        .isInstanceOfSatisfying(
            Rejected.class, rejected -> assertThat(rejected.code()).isEqualTo(code));
  }

  @Test
  void withoutASynchronousReplicaAWriteIsRefusedAndNothingIsWritten() throws Exception {
    long before = rows("");
    assertRefused(
        answer(new PostMessage("r", null), Durability.REPLICA), ErrorCode.REPLICA_NOT_CONFIGURED);
    assertThat(rows("")).isEqualTo(before);
    sql("ALTER SYSTEM SET synchronous_standby_names = 'another'");
    sql("SELECT pg_reload_conf()");
    await()
        .atMost(Duration.ofSeconds(30))
        .untilAsserted(
            () ->
                assertRefused(
                    answer(new PostMessage("r", null), Durability.REPLICA),
                    ErrorCode.REPLICA_AWAY));
    assertThat(rows("")).isEqualTo(before);
    assertThat(answer(new PostMessage("d", null), Durability.DISK)).isInstanceOf(Accepted.class);
  }

  @Test
  void whatWasAcknowledgedIsOnTheReplicaWhenThePrimaryIsLost() throws Exception {
    synchronous();
    List<UUID> acknowledged = new ArrayList<>();
    for (int round = 0; round < 20; round++) {
      List<UUID> ids = new ArrayList<>();
      List<CompletableFuture<CommandAnswer>> answers = new ArrayList<>();
      for (int i = 0; i < 5; i++) {
        UUID id = Ids.newId(clock);
        ids.add(id);
        answers.add(submit(id, new PostMessage("r" + i, null), Durability.REPLICA));
      }
      for (int i = 0; i < 5; i++) {
        if (answers.get(i).get(30, SECONDS) instanceof Accepted) {
          acknowledged.add(ids.get(i));
        }
      }
    }
    assertThat(acknowledged).hasSize(100);
    String schema = database.column("SELECT current_schema()", String.class).getFirst();
    primary.kill();
    replica.promote();
    List<UUID> there = new ArrayList<>();
    try (Connection connection = DriverManager.getConnection(replica.jdbcUrl("plenum"));
        Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery("SELECT client_id FROM " + schema + ".timeline_entry")) {
      while (row.next()) {
        there.add(row.getObject(1, UUID.class));
      }
    }
    assertThat(there).containsAll(acknowledged);
    loop.stop();
    primary.start();
  }

  @Test
  void whileTheReplicaIsKilledOthersPostOnAndItsOwnAreAnsweredInBoundedTime() throws Exception {
    synchronous();
    replica.kill();
    UUID id = Ids.newId(clock);
    long start = System.nanoTime();
    CommandAnswer first =
        submit(id, new PostMessage("lost?", null), Durability.REPLICA).get(30, SECONDS);
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(10));
    assertThat(first)
        .isInstanceOfSatisfying(
            Rejected.class,
            rejected ->
                assertThat(rejected.code()).isIn(ErrorCode.TIMEOUT, ErrorCode.REPLICA_AWAY));
    long epoch = loop.epoch();
    for (int i = 0; i < 50; i++) {
      assertThat(answer(new PostMessage("d" + i, null), Durability.DISK))
          .isInstanceOf(Accepted.class);
    }
    assertRefused(answer(new PostMessage("no", null), Durability.REPLICA), ErrorCode.REPLICA_AWAY);
    assertThat(loop.epoch()).as("the lease was not lost meanwhile").isEqualTo(epoch);

    replica.start();
    await()
        .atMost(Duration.ofSeconds(60))
        .until(
            () ->
                submit(id, new PostMessage("lost?", null), Durability.REPLICA).get(30, SECONDS)
                    instanceof Accepted);
    assertThat(rows("WHERE client_id = '" + id + "'")).isEqualTo(1);
  }

  @Test
  void aReplicaThatStandsStillIsWaitedForInBoundsAndConfirmsAgainWhenItGoesOn() throws Exception {
    synchronous();
    replica.signal("STOP");
    UUID id = Ids.newId(clock);
    try {
      CompletableFuture<CommandAnswer> waiting =
          submit(id, new PostMessage("waits", null), Durability.REPLICA);
      for (int i = 0; i < 50; i++) {
        assertThat(answer(new PostMessage("d" + i, null), Durability.DISK))
            .isInstanceOf(Accepted.class);
      }
      assertRefused(waiting.get(30, SECONDS), ErrorCode.TIMEOUT);
      // Committed here all the same.
      assertThat(rows("WHERE client_id = '" + id + "'")).isEqualTo(1);
      assertRefused(
          answer(new PostMessage("no", null), Durability.REPLICA), ErrorCode.REPLICA_AWAY);
    } finally {
      replica.signal("CONT");
    }
    await()
        .atMost(Duration.ofSeconds(60))
        .until(
            () ->
                submit(id, new PostMessage("waits", null), Durability.REPLICA).get(30, SECONDS)
                    instanceof Accepted);
    assertThat(rows("WHERE client_id = '" + id + "'")).isEqualTo(1);
  }

  @Test
  void aWaitThatEndsBecauseNobodyWaitsAnyMoreConfirmsNothing() throws Exception {
    synchronous();
    JdbcReplica asked = new JdbcReplica(database.dataSource);
    replica.signal("STOP");
    try {
      CompletableFuture<Answer> answer =
          CompletableFuture.supplyAsync(() -> asked.ask(Set.of(), Duration.ofSeconds(60)));
      await()
          .atMost(Duration.ofSeconds(30))
          .until(
              () ->
                  database
                          .column(
                              "SELECT COUNT(*) FROM pg_stat_activity WHERE wait_event = 'SyncRep'",
                              Long.class)
                          .getFirst()
                      == 1);
      sql("ALTER SYSTEM SET synchronous_standby_names = ''");
      sql("SELECT pg_reload_conf()");
      assertThat(answer.get(30, SECONDS)).isInstanceOf(Answer.Silent.class);
      await()
          .atMost(Duration.ofSeconds(30))
          .until(() -> asked.ask(Set.of(), Duration.ofSeconds(1)) instanceof Answer.Absent);
    } finally {
      replica.signal("CONT");
    }
  }

  /** Why the wait is ended by the driver. */
  @Test
  void theServersOwnLimitOfAStatementDoesNotReachIntoAWait() throws Exception {
    synchronous();
    replica.signal("STOP");
    try (Connection waiting = primary.connect()) {
      try (Statement plain = waiting.createStatement()) {
        plain.execute("SET statement_timeout = '1s'");
        plain.execute("SET synchronous_commit = on");
      }
      CompletableFuture<Void> done =
          CompletableFuture.runAsync(
              () -> {
                try (Statement plain = waiting.createStatement()) {
                  plain.execute("SELECT pg_logical_emit_message(true, 'test', '')");
                } catch (SQLException e) {
                  throw new IllegalStateException(e);
                }
              });
      String waits =
          "SELECT COUNT(*) FROM pg_stat_activity WHERE wait_event = 'SyncRep'"
              + " AND clock_timestamp() - query_start > INTERVAL '5 seconds'";
      await()
          .atMost(Duration.ofSeconds(60))
          .until(() -> database.column(waits, Long.class).getFirst() == 1);
      assertThat(done).isNotDone();
      replica.signal("CONT");
      done.get(30, SECONDS);
    } finally {
      replica.signal("CONT");
    }
  }

  @Test
  void whatTheDatabaseDoesNotHaveIsSaid() {
    synchronous();
    UUID lost = Ids.newId(clock);
    assertThat(new JdbcReplica(database.dataSource).ask(Set.of(lost), Duration.ofSeconds(20)))
        .isEqualTo(new Answer.Holds(Set.of(lost)));
  }

  @Test
  void whereEveryCommitWaitsAWriteThatAsksForTheReplicaIsAnsweredToo() throws Exception {
    synchronous();
    sql("ALTER SYSTEM SET synchronous_commit = on");
    sql("SELECT pg_reload_conf()");
    await()
        .atMost(Duration.ofSeconds(30))
        .until(
            () ->
                database
                    .column("SELECT current_setting('synchronous_commit')", String.class)
                    .equals(List.of("on")));
    assertThat(answer(new PostMessage("d", null), Durability.DISK)).isInstanceOf(Accepted.class);
    assertThat(answer(new PostMessage("r", null), Durability.REPLICA)).isInstanceOf(Accepted.class);
    sql("ALTER SYSTEM SET synchronous_commit = local");
    sql("SELECT pg_reload_conf()");
  }
}
