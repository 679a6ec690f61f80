package org.plenum.writer;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import javax.sql.DataSource;
import org.plenum.group.api.Actor;
import org.plenum.group.api.CommandAnswer;
import org.plenum.group.api.CommandEnvelope;
import org.plenum.group.api.Durability;
import org.plenum.group.api.GroupCommand;
import org.plenum.group.api.GroupId;
import org.plenum.group.domain.GroupDecider;
import org.plenum.group.domain.GroupLimits;
import org.plenum.platform.Ids;
import org.plenum.update.EntryCodec;
import org.plenum.update.Update;

/**
 * The real writer on a real database, one command a commit, on the thread of the test: what other
 * features test their replicas with. Time moves one second a command.
 */
public final class TestWriter implements AutoCloseable {
  private static final Instant START = Instant.parse("2026-11-22T20:00:00Z");

  private final TestDatabase database;
  private final GroupStore store;
  private final WriterCore core;
  private final Clock clock;
  private final AtomicReference<Instant> now = new AtomicReference<>(START);

  /** What a command did. */
  public record Done(CommandAnswer answer, List<Update> updates) {
    public Done {
      updates = List.copyOf(updates);
    }
  }

  /** A writer on a fresh H2 in memory. */
  public TestWriter() throws SQLException {
    this(TestDatabase.h2());
  }

  /** A writer on a fresh schema of a PostgreSQL. */
  public static TestWriter onPostgres(String url) throws SQLException {
    return new TestWriter(TestDatabase.postgres(url));
  }

  private TestWriter(TestDatabase database) {
    this.database = database;
    clock =
        new Clock() {
          @Override
          public Instant instant() {
            return now.get();
          }

          @Override
          public ZoneOffset getZone() {
            return ZoneOffset.UTC;
          }

          @Override
          public Clock withZone(java.time.ZoneId zone) {
            return this;
          }
        };
    EntryCodec codec = new EntryCodec();
    store = new JdbcGroupStore(database.dataSource, database, codec);
    WriterConfig config =
        new WriterConfig(
            1_000,
            64,
            Duration.ofMillis(1),
            8,
            16,
            24,
            Duration.ofSeconds(3_600),
            Duration.ofSeconds(60),
            Duration.ofMillis(5),
            10_000,
            10_000,
            1_000,
            Duration.ofMillis(1),
            Duration.ofSeconds(1));
    core = new WriterCore(store, new GroupDecider(GroupLimits.defaults()), codec, clock, config);
    core.open(store.acquire("test", "", 3_600));
  }

  /** The database that it writes. */
  public DataSource dataSource() {
    return database.dataSource;
  }

  /** The time of the next command. */
  public Clock clock() {
    return clock;
  }

  /** Decides and commits a command. */
  public Done execute(GroupId group, Actor actor, GroupCommand command) {
    return execute(group, actor, false, command);
  }

  /** Decides and commits a command of a platform administrator, say. */
  public Done execute(GroupId group, Actor actor, boolean privileged, GroupCommand command) {
    now.updateAndGet(last -> last.plusSeconds(1));
    CommandEnvelope envelope =
        new CommandEnvelope(
            Ids.newId(clock),
            group,
            actor,
            privileged,
            command,
            Durability.DISK,
            now.get().plusSeconds(60));
    core.accept(List.of(new PendingCommand(envelope)));
    WriterCore.Committed committed = core.flush();
    return new Done(committed.answers().getFirst().answer(), committed.updates());
  }

  /** Leads anew, as after the database went back to an earlier state. */
  public void reopen() {
    core.open(store.acquire("test", "", 3_600));
  }

  /** Takes the entries of a group up to one out of its history. */
  public List<Update> trim(GroupId group, long upTo) {
    now.updateAndGet(last -> last.plusSeconds(1));
    core.trim(new GroupStore.Trim(group, upTo));
    return core.flush().updates();
  }

  /** Runs a statement on the database, behind the writer's back. */
  public void sql(String statement) throws SQLException {
    try (Connection connection = database.dataSource.getConnection();
        Statement plain = connection.createStatement()) {
      plain.execute(statement);
    }
  }

  @Override
  public void close() throws SQLException {
    database.close();
  }
}
