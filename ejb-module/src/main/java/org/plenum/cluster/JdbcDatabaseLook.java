package org.plenum.cluster;

import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.logging.Level;
import java.util.logging.Logger;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.plenum.cluster.api.DatabaseStatus;
import org.plenum.cluster.api.DatabaseStatus.Replica;
import org.plenum.cluster.api.DatabaseStatus.Replication;
import org.plenum.cluster.api.DatabaseStatus.Slot;
import org.plenum.platform.QueryTimeout;

/**
 * Asks the database how it is; reads alone. Queries end after two seconds on PostgreSQL, on H2 by
 * the limit of its URL; a connection that does not come takes as long as the pool waits. Not
 * thread-safe.
 */
final class JdbcDatabaseLook implements Supplier<DatabaseStatus> {
  private static final Logger LOG = Logger.getLogger(JdbcDatabaseLook.class.getName());
  private static final int SECONDS = 2;
  private static final int MAX_ROWS = 32;
  private static final double MICROS = TimeUnit.MICROSECONDS.toNanos(1);
  private static final double THOUSAND = 1_000;
  private static final String HEAD =
      "CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() ELSE pg_current_wal_lsn() END";
  private static final String REPLICAS =
      "SELECT application_name, state, CASE WHEN sync_state IN ('sync', 'quorum')"
          + " AND current_setting('synchronous_commit') IN ('local', 'off') THEN 'on request'"
          + " ELSE sync_state END, pg_wal_lsn_diff("
          + HEAD
          + ", replay_lsn)::bigint, (EXTRACT(EPOCH FROM replay_lag) * 1000)::float8"
          + " FROM pg_stat_replication ORDER BY application_name, pid LIMIT "
          + MAX_ROWS;
  private static final String SLOTS =
      "SELECT slot_name, active, pg_wal_lsn_diff("
          + HEAD
          + ", restart_lsn)::bigint FROM pg_replication_slots"
          + " WHERE slot_type = 'physical' AND NOT temporary ORDER BY slot_name LIMIT "
          + MAX_ROWS;

  private final DataSource dataSource;
  private String product = "";

  JdbcDatabaseLook(DataSource dataSource) {
    this.dataSource = dataSource;
  }

  @Override
  public DatabaseStatus get() {
    long start = System.nanoTime();
    try (Connection connection = dataSource.getConnection();
        Statement statement = connection.createStatement()) {
      QueryTimeout.set(statement, SECONDS);
      answer(statement);
      double millis = Math.round((System.nanoTime() - start) / MICROS) / THOUSAND;
      DatabaseMetaData about = connection.getMetaData();
      product = about.getDatabaseProductName() + " " + about.getDatabaseProductVersion();
      Replication replication =
          product.startsWith("PostgreSQL") ? replication(statement) : Replication.NONE;
      return new DatabaseStatus(product, millis, null, replication);
    } catch (SQLException e) {
      LOG.log(Level.FINE, "the database does not answer", e);
      return new DatabaseStatus(product, null, String.valueOf(e.getMessage()), Replication.NONE);
    }
  }

  private static void answer(Statement statement) throws SQLException {
    try (ResultSet row = statement.executeQuery("SELECT 1")) {
      row.next();
    }
  }

  private static Replication replication(Statement statement) throws SQLException {
    boolean standby;
    try (ResultSet row = statement.executeQuery("SELECT pg_is_in_recovery()")) {
      row.next();
      standby = row.getBoolean(1);
    }
    List<Replica> replicas = new ArrayList<>();
    boolean visible = true;
    try (ResultSet row = statement.executeQuery(REPLICAS)) {
      while (row.next()) {
        String state = row.getString(2);
        visible &= state != null;
        replicas.add(
            new Replica(
                named(row.getString(1)), state, row.getString(3), whole(row, 4), number(row, 5)));
      }
    }
    List<Slot> slots = new ArrayList<>();
    try (ResultSet row = statement.executeQuery(SLOTS)) {
      while (row.next()) {
        slots.add(new Slot(named(row.getString(1)), row.getBoolean(2), whole(row, 3)));
      }
    }
    return new Replication(visible, standby, replicas, slots);
  }

  private static String named(@Nullable String name) {
    return name == null || name.isBlank() ? "replica" : name;
  }

  private static @Nullable Long whole(ResultSet row, int column) throws SQLException {
    long value = row.getLong(column);
    return row.wasNull() ? null : (Long) Math.max(0, value);
  }

  private static @Nullable Double number(ResultSet row, int column) throws SQLException {
    double value = row.getDouble(column);
    return row.wasNull() ? null : (Double) value;
  }
}
