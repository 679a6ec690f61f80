package org.plenum.reader;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.function.LongSupplier;
import java.util.logging.Level;
import java.util.logging.Logger;
import javax.sql.DataSource;
import org.plenum.platform.LeaseEpoch;

/**
 * The lease as a row, by the clock of the database. It is renewed or asked for once a {@link
 * #EVERY}, and counts as lost some time before it runs out; a holder that is paused in between is
 * fenced by the epoch in the keys of {@link ReaderCache}.
 *
 * <p>A node that is {@link #alone} takes it without waiting for a predecessor, which is gone, and
 * keeps it: only its epoch matters, so that what the application before it in the same server left
 * in the cache is taken over and not mistaken for its own. One thread at a time, but for {@link
 * #lapsed}.
 */
final class JdbcApplierLease implements ApplierLease {
  private static final Logger LOG = Logger.getLogger(JdbcApplierLease.class.getName());
  private static final Duration EVERY = Duration.ofSeconds(1);
  private static final int SECONDS = 4;
  private static final Duration SURE = Duration.ofSeconds(3);

  /** Of a clock that was set back: nobody waits for that. */
  private static final String WRONG_END = "expires_at > CURRENT_TIMESTAMP + INTERVAL '1' MINUTE";

  private static final String END = "CURRENT_TIMESTAMP + INTERVAL '" + SECONDS + "' SECOND";

  private final DataSource dataSource;
  private final String holder;
  private final LongSupplier nanoTime;
  private final boolean alone;
  private long epoch;
  private long asked;
  private volatile long renewed;
  private boolean askedOnce;

  private JdbcApplierLease(
      DataSource dataSource, String holder, LongSupplier nanoTime, boolean alone) {
    this.dataSource = dataSource;
    this.holder = holder;
    this.nanoTime = nanoTime;
    this.alone = alone;
  }

  /** The lease of a node that has peers. */
  static JdbcApplierLease shared(DataSource dataSource, String holder, LongSupplier nanoTime) {
    return new JdbcApplierLease(dataSource, holder, nanoTime, false);
  }

  /** The lease of a node without peers. */
  static JdbcApplierLease alone(DataSource dataSource, String holder, LongSupplier nanoTime) {
    return new JdbcApplierLease(dataSource, holder, nanoTime, true);
  }

  @Override
  public long epoch() {
    if (alone && epoch != 0) {
      return epoch;
    }
    long now = nanoTime.getAsLong();
    if (!askedOnce || now - asked >= EVERY.toNanos()) {
      askedOnce = true;
      asked = now;
      ask(now);
    }
    if (epoch != 0 && lapsed()) {
      LOG.info("the lease of the room could not be renewed in time");
      epoch = 0;
    }
    return epoch;
  }

  @Override
  public boolean lapsed() {
    return !alone && nanoTime.getAsLong() - renewed >= SURE.toNanos();
  }

  private void ask(long now) {
    try (Connection connection = dataSource.getConnection()) {
      connection.setAutoCommit(true);
      if (epoch != 0 && renew(connection)) {
        renewed = now;
        return;
      }
      long won = acquire(connection);
      if (won != epoch) {
        LOG.info(
            () ->
                won == 0
                    ? "another node applies to the cache of the room"
                    : "this node applies to the cache of the room, epoch " + won);
      }
      epoch = won;
      renewed = now;
    } catch (SQLException e) {
      LOG.log(Level.FINE, "the lease of the room cannot be asked for", e);
    }
  }

  private boolean renew(Connection connection) throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement(
            "UPDATE reader_lease SET expires_at = "
                + END
                + " WHERE id = 1 AND epoch = ? AND holder = ?")) {
      statement.setLong(1, epoch);
      statement.setString(2, holder);
      return statement.executeUpdate() == 1;
    }
  }

  private long acquire(Connection connection) throws SQLException {
    try (PreparedStatement take =
        connection.prepareStatement(
            "UPDATE reader_lease SET epoch = "
                + LeaseEpoch.NEXT
                + ", holder = ?, expires_at = "
                + END
                + " WHERE id = 1"
                + (alone ? "" : " AND (expires_at < CURRENT_TIMESTAMP OR " + WRONG_END + ")"))) {
      take.setString(1, holder);
      if (take.executeUpdate() == 0) {
        return 0;
      }
    }
    try (PreparedStatement read =
        connection.prepareStatement("SELECT epoch FROM reader_lease WHERE id = 1 AND holder = ?")) {
      read.setString(1, holder);
      try (ResultSet row = read.executeQuery()) {
        return row.next() ? row.getLong(1) : 0;
      }
    }
  }

  @Override
  public void release() {
    if (epoch == 0) {
      return;
    }
    try (Connection connection = dataSource.getConnection();
        PreparedStatement statement =
            connection.prepareStatement(
                "UPDATE reader_lease SET expires_at = CURRENT_TIMESTAMP"
                    + " WHERE id = 1 AND epoch = ? AND holder = ?")) {
      statement.setLong(1, epoch);
      statement.setString(2, holder);
      statement.executeUpdate();
    } catch (SQLException e) {
      LOG.log(Level.FINE, "the lease of the room runs out by itself", e);
    }
    epoch = 0;
  }
}
