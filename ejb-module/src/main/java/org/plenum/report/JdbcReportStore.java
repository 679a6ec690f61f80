package org.plenum.report;

import static org.plenum.platform.JdbcTransactions.prepare;
import static org.plenum.platform.JdbcTransactions.time;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import javax.sql.DataSource;
import org.plenum.platform.ErrorCode;
import org.plenum.platform.JdbcTransactions;
import org.plenum.platform.ServiceException;
import org.plenum.report.api.NewReport;
import org.plenum.report.api.ReportEnvelope;

/**
 * Reports and what follows from them, in the database. One transaction holds all effects of a
 * batch: the reports that are not stored yet, the states and deliveries they confirm, the sums of
 * their hours, and the positions of their sources. A report that is stored already has no effect at
 * all, so a batch that comes again, as a whole or in part, after a crash or from another node,
 * changes nothing. Thread-safe.
 */
public final class JdbcReportStore {
  private static final int PRUNED_AT_ONCE = 5_000;
  private static final String UNIQUE_VIOLATION = "23505";

  private final JdbcTransactions database;
  private final Clock clock;
  private final DatabaseTime time;
  private final Duration stateHolds;
  private final Duration stateHoldsAtMost;

  /**
   * A store.
   *
   * @param stateHolds how long a confirmed state holds when the report does not say
   * @param stateHoldsAtMost how long a report may make it hold
   */
  public JdbcReportStore(
      DataSource dataSource, Clock clock, Duration stateHolds, Duration stateHoldsAtMost) {
    this(dataSource, clock, DatabaseTime.current(), stateHolds, stateHoldsAtMost);
  }

  JdbcReportStore(
      DataSource dataSource,
      Clock clock,
      DatabaseTime time,
      Duration stateHolds,
      Duration stateHoldsAtMost) {
    this.database = new JdbcTransactions(dataSource, "the reports");
    this.clock = clock;
    this.time = time;
    this.stateHolds = stateHolds;
    this.stateHoldsAtMost = stateHoldsAtMost;
  }

  /**
   * Stores a batch with all its effects.
   *
   * @return how many were new
   * @throws ServiceException READ_UNAVAILABLE when the database cannot be reached, INVALID_VALUE
   *     when it refuses a value for good
   */
  public int apply(List<ReportEnvelope> batch) {
    try {
      return inTransaction(batch);
    } catch (ServiceException e) {
      if (isUniqueViolation(e)) {
        // Another node stored the same report or key at this moment: now it is there to be seen.
        return inTransaction(batch);
      }
      if (isRefusedForGood(e)) {
        throw new ServiceException(
            ErrorCode.INVALID_VALUE, "the database refuses it, SQL state " + state(e), null, e);
      }
      throw e;
    }
  }

  private int inTransaction(List<ReportEnvelope> batch) {
    Instant now = clock.instant();
    return database.transaction(
        connection -> {
          Map<UUID, ReportEnvelope> fresh = fresh(connection, batch);
          if (!fresh.isEmpty()) {
            insert(connection, fresh, now);
            Instant databaseNow = time.read(connection);
            fresh.replaceAll(
                (id, it) ->
                    new ReportEnvelope(
                        it.report(), DatabaseTime.corrected(it.receivedAt(), now, databaseNow)));
            confirm(connection, fresh);
            deliver(connection, fresh);
            sum(connection, fresh.values());
            position(connection, fresh, now);
          }
          return fresh.size();
        });
  }

  private static Map<UUID, ReportEnvelope> fresh(Connection connection, List<ReportEnvelope> batch)
      throws SQLException {
    Map<UUID, ReportEnvelope> fresh = new LinkedHashMap<>();
    for (ReportEnvelope envelope : batch) {
      fresh.putIfAbsent(envelope.id(), envelope);
    }
    String sql = "SELECT id FROM report WHERE id = ANY(?)";
    List<UUID> known = new ArrayList<>();
    try (PreparedStatement statement = prepare(connection, sql)) {
      statement.setArray(1, connection.createArrayOf("uuid", fresh.keySet().toArray()));
      try (ResultSet row = statement.executeQuery()) {
        while (row.next()) {
          known.add(row.getObject(1, UUID.class));
        }
      }
    }
    known.forEach(fresh::remove);
    return fresh;
  }

  private static void insert(Connection connection, Map<UUID, ReportEnvelope> fresh, Instant now)
      throws SQLException {
    String sql =
        "INSERT INTO report (id, source, report_key, kind, user_name, device, occurred_at,"
            + " received_at, received_via, stored_at, body) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?,"
            + " ?)";
    try (PreparedStatement statement = prepare(connection, sql)) {
      for (Map.Entry<UUID, ReportEnvelope> entry : fresh.entrySet()) {
        NewReport report = entry.getValue().report();
        statement.setObject(1, entry.getKey());
        statement.setString(2, report.source());
        statement.setString(3, report.key());
        statement.setString(4, report.kind());
        statement.setString(5, report.user());
        statement.setString(6, report.device());
        statement.setObject(7, time(report.occurredAt()));
        statement.setObject(8, time(entry.getValue().receivedAt()));
        statement.setString(9, report.receivedVia().name());
        statement.setObject(10, time(now));
        statement.setString(11, report.body());
        statement.addBatch();
      }
      statement.executeBatch();
    }
  }

  private record StateKey(String user, String device) implements Comparable<StateKey> {
    @Override
    public int compareTo(StateKey other) {
      int byUser = user.compareTo(other.user);
      return byUser != 0 ? byUser : device.compareTo(other.device);
    }
  }

  private record NewState(
      ReportEffect.Confirmation confirmation, ReportEnvelope envelope, Instant expiresAt) {}

  /** Of one device the newest confirmation counts, by the clock of the database. */
  private void confirm(Connection connection, Map<UUID, ReportEnvelope> fresh) throws SQLException {
    Map<StateKey, NewState> states = new TreeMap<>();
    for (ReportEnvelope envelope : fresh.values()) {
      if (effect(envelope) instanceof ReportEffect.Confirmation it) {
        states.merge(
            new StateKey(it.user(), it.device()),
            new NewState(it, envelope, envelope.receivedAt().plus(holds(it))),
            (before, after) ->
                after.envelope().receivedAt().isBefore(before.envelope().receivedAt())
                    ? before
                    : after);
      }
    }
    if (states.isEmpty()) {
      return;
    }
    Map<StateKey, Instant> known = knownStates(connection, states.keySet());
    String update =
        "UPDATE report_state SET state = ?, source = ?, report_id = ?, confirmed_at = ?,"
            + " expires_at = ? WHERE user_name = ? AND device = ? AND confirmed_at <= ?";
    String insert =
        "INSERT INTO report_state (state, source, report_id, confirmed_at, expires_at, user_name,"
            + " device) VALUES (?, ?, ?, ?, ?, ?, ?)";
    try (PreparedStatement updates = prepare(connection, update);
        PreparedStatement inserts = prepare(connection, insert)) {
      for (Map.Entry<StateKey, NewState> entry : states.entrySet()) {
        boolean there = known.containsKey(entry.getKey());
        PreparedStatement statement = there ? updates : inserts;
        NewState state = entry.getValue();
        Instant confirmedAt = state.envelope().receivedAt();
        statement.setString(1, state.confirmation().state().name());
        statement.setString(2, state.envelope().report().source());
        statement.setObject(3, state.envelope().id());
        statement.setObject(4, time(confirmedAt));
        statement.setObject(5, time(state.expiresAt()));
        statement.setString(6, entry.getKey().user());
        statement.setString(7, entry.getKey().device());
        if (there) {
          statement.setObject(8, time(confirmedAt));
        }
        statement.addBatch();
      }
      updates.executeBatch();
      inserts.executeBatch();
    }
  }

  private Duration holds(ReportEffect.Confirmation confirmation) {
    Duration asked = confirmation.holds();
    if (asked == null) {
      return stateHolds;
    }
    return asked.compareTo(stateHoldsAtMost) < 0 ? asked : stateHoldsAtMost;
  }

  private static Map<StateKey, Instant> knownStates(
      Connection connection, Collection<StateKey> keys) throws SQLException {
    Set<String> users = new HashSet<>();
    keys.forEach(key -> users.add(key.user()));
    Map<StateKey, Instant> known = new TreeMap<>();
    String sql =
        "SELECT user_name, device, confirmed_at FROM report_state WHERE user_name = ANY(?)";
    try (PreparedStatement statement = prepare(connection, sql)) {
      statement.setArray(1, connection.createArrayOf("varchar", users.toArray()));
      try (ResultSet row = statement.executeQuery()) {
        while (row.next()) {
          known.put(
              new StateKey(row.getString(1), row.getString(2)),
              row.getObject(3, OffsetDateTime.class).toInstant());
        }
      }
    }
    return known;
  }

  private static void deliver(Connection connection, Map<UUID, ReportEnvelope> fresh)
      throws SQLException {
    record Key(UUID group, String user) {}
    record Confirmed(long seq, Instant at) {}
    Map<Key, Confirmed> deliveries = new LinkedHashMap<>();
    for (ReportEnvelope envelope : fresh.values()) {
      if (effect(envelope) instanceof ReportEffect.Delivered it) {
        deliveries.merge(
            new Key(it.group(), it.user()),
            new Confirmed(it.seq(), envelope.receivedAt()),
            (before, after) -> after.seq() > before.seq() ? after : before);
      }
    }
    String update =
        "UPDATE report_delivery SET seq = CASE WHEN seq > ? THEN seq ELSE ? END, confirmed_at = ?"
            + " WHERE group_id = ? AND user_name = ?";
    String insert =
        "INSERT INTO report_delivery (group_id, user_name, seq, confirmed_at) VALUES (?, ?, ?, ?)";
    List<Key> keys =
        deliveries.keySet().stream()
            .sorted(
                Comparator.comparing((Key key) -> key.group().toString()).thenComparing(Key::user))
            .toList();
    try (PreparedStatement updates = prepare(connection, update);
        PreparedStatement inserts = prepare(connection, insert)) {
      for (Key key : keys) {
        Confirmed confirmed = deliveries.getOrDefault(key, new Confirmed(0, Instant.EPOCH));
        updates.setLong(1, confirmed.seq());
        updates.setLong(2, confirmed.seq());
        updates.setObject(3, time(confirmed.at()));
        updates.setObject(4, key.group());
        updates.setString(5, key.user());
        if (updates.executeUpdate() == 0) {
          inserts.setObject(1, key.group());
          inserts.setString(2, key.user());
          inserts.setLong(3, confirmed.seq());
          inserts.setObject(4, time(confirmed.at()));
          inserts.executeUpdate();
        }
      }
    }
  }

  private static ReportEffect effect(ReportEnvelope envelope) {
    try {
      return ReportEffect.of(envelope.report());
    } catch (ServiceException e) {
      // Taken by an earlier release that asked for less: it is stored and changes nothing.
      return new ReportEffect.None();
    }
  }

  private record SumKey(Instant hour, String source, String kind) implements Comparable<SumKey> {
    @Override
    public int compareTo(SumKey other) {
      int order = hour.compareTo(other.hour);
      order = order != 0 ? order : source.compareTo(other.source);
      return order != 0 ? order : kind.compareTo(other.kind);
    }
  }

  /** In the order of keys, so that nodes that add to the same sums do not wait in a circle. */
  private static void sum(Connection connection, Collection<ReportEnvelope> fresh)
      throws SQLException {
    Map<SumKey, Long> sums = new TreeMap<>();
    for (ReportEnvelope envelope : fresh) {
      NewReport report = envelope.report();
      Instant hour = envelope.receivedAt().truncatedTo(ChronoUnit.HOURS);
      sums.merge(new SumKey(hour, report.source(), report.kind()), 1L, Long::sum);
    }
    String update =
        "UPDATE report_summary SET reports = reports + ? WHERE hour_start = ? AND source = ? AND"
            + " kind = ?";
    String insert =
        "INSERT INTO report_summary (reports, hour_start, source, kind) VALUES (?, ?, ?, ?)";
    List<SumKey> keys = List.copyOf(sums.keySet());
    int[] counts;
    try (PreparedStatement statement = prepare(connection, update)) {
      for (SumKey key : keys) {
        bind(statement, key, sums.getOrDefault(key, 0L));
      }
      counts = statement.executeBatch();
    }
    try (PreparedStatement statement = prepare(connection, insert)) {
      for (int i = 0; i < counts.length; i++) {
        if (counts[i] == 0) {
          bind(statement, keys.get(i), sums.getOrDefault(keys.get(i), 0L));
        }
      }
      statement.executeBatch();
    }
  }

  private static void bind(PreparedStatement statement, SumKey key, long reports)
      throws SQLException {
    statement.setLong(1, reports);
    statement.setObject(2, time(key.hour()));
    statement.setString(3, key.source());
    statement.setString(4, key.kind());
    statement.addBatch();
  }

  /** Of new reports only: what comes again from an older journal must not move a source back. */
  private static void position(Connection connection, Map<UUID, ReportEnvelope> fresh, Instant now)
      throws SQLException {
    Map<String, ReportEnvelope> last = new TreeMap<>();
    for (ReportEnvelope envelope : fresh.values()) {
      if (envelope.report().position() != null) {
        last.put(envelope.report().source(), envelope);
      }
    }
    String update =
        "UPDATE report_position SET position = ?, report_id = ?, stored_at = ? WHERE source = ?";
    String insert =
        "INSERT INTO report_position (position, report_id, stored_at, source) VALUES (?, ?, ?, ?)";
    try (PreparedStatement updates = prepare(connection, update);
        PreparedStatement inserts = prepare(connection, insert)) {
      for (ReportEnvelope envelope : last.values()) {
        if (position(updates, envelope, now) == 0) {
          position(inserts, envelope, now);
        }
      }
    }
  }

  private static int position(PreparedStatement statement, ReportEnvelope envelope, Instant now)
      throws SQLException {
    statement.setString(1, envelope.report().position());
    statement.setObject(2, envelope.id());
    statement.setObject(3, time(now));
    statement.setString(4, envelope.report().source());
    return statement.executeUpdate();
  }

  /** The time of the database. */
  public Instant now() {
    return database.transaction(time::read);
  }

  /** The position that came with the newest stored report of the source. */
  public Optional<String> position(String source) {
    return database.transaction(
        connection -> {
          String sql = "SELECT position FROM report_position WHERE source = ?";
          try (PreparedStatement statement = prepare(connection, sql)) {
            statement.setString(1, source);
            try (ResultSet row = statement.executeQuery()) {
              return row.next() ? Optional.of(row.getString(1)) : Optional.<String>empty();
            }
          }
        });
  }

  /**
   * Deletes some of what is beyond its time or number.
   *
   * @param reports stored before this are too old
   * @param limit stored reports that may stay
   * @param summaries of hours before this are too old
   * @return how many rows went; when it is not zero there may be more
   */
  public int prune(Instant reports, long limit, Instant summaries) {
    return database.transaction(
        connection -> {
          int old =
              delete(connection, "report_state", "user_name, device", "expires_at", reports)
                  + delete(
                      connection, "report_delivery", "group_id, user_name", "confirmed_at", reports)
                  + delete(
                      connection,
                      "report_summary",
                      "hour_start, source, kind",
                      "hour_start",
                      summaries)
                  + delete(connection, "report", "no", "stored_at", reports);
          return old > 0 ? old : beyond(connection, limit);
        });
  }

  /** The oldest, some at a time: other writers of these rows wait for no more than that. */
  private static int delete(
      Connection connection, String table, String key, String time, Instant before)
      throws SQLException {
    String sql =
        ("DELETE FROM %1$s WHERE (%2$s) IN"
                + " (SELECT %2$s FROM %1$s WHERE %3$s < ? ORDER BY %3$s FETCH FIRST %4$d ROWS ONLY)")
            .formatted(table, key, time, PRUNED_AT_ONCE);
    try (PreparedStatement statement = prepare(connection, sql)) {
      statement.setObject(1, time(before));
      return statement.executeUpdate();
    }
  }

  private static int beyond(Connection connection, long limit) throws SQLException {
    String sql =
        "DELETE FROM report WHERE no IN (SELECT no FROM report"
            + " WHERE no <= (SELECT MAX(no) FROM report) - ? ORDER BY no FETCH FIRST "
            + PRUNED_AT_ONCE
            + " ROWS ONLY)";
    try (PreparedStatement statement = prepare(connection, sql)) {
      statement.setLong(1, limit);
      return statement.executeUpdate();
    }
  }

  private static boolean isUniqueViolation(ServiceException e) {
    return UNIQUE_VIOLATION.equals(state(e));
  }

  /** A value that this database does not take (class 22), or a constraint against it (23). */
  private static boolean isRefusedForGood(ServiceException e) {
    return state(e).startsWith("22") || state(e).startsWith("23");
  }

  private static String state(ServiceException e) {
    SQLException cause = e.getCause() instanceof SQLException sql ? sql : null;
    while (cause != null && cause.getSQLState() == null) {
      cause = cause.getNextException();
    }
    return cause == null ? "" : String.valueOf(cause.getSQLState());
  }
}
