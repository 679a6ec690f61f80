package org.plenum.writer;

import jakarta.ejb.ApplicationException;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/**
 * The database did not do what the writer asked; the transaction is rolled back, or its outcome
 * unknown.
 */
@ApplicationException(rollback = true)
public final class StoreException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** What the writer does about it. */
  public enum Fault {
    /** Another writer has the lease: stop, nothing was written. */
    FENCED,
    /** One command of the batch cannot be written: find it. */
    REFUSED,
    /** The database is away or broke off; the outcome is unknown: ask again when it is back. */
    UNAVAILABLE
  }

  private final Fault fault;

  StoreException(Fault fault, String message, @Nullable Throwable cause) {
    super(message, cause);
    this.fault = fault;
  }

  /** What the writer does about it. */
  public Fault fault() {
    return fault;
  }

  /**
   * Classifies by SQL state: data and integrity faults are a command's own, everything else is the
   * database's.
   */
  static StoreException of(SQLException e) {
    for (SQLException each = e; each != null; each = each.getNextException()) {
      String state = each.getSQLState();
      if (state != null
          && (state.startsWith("22") || state.startsWith("23") || state.startsWith("42"))) {
        return new StoreException(Fault.REFUSED, String.valueOf(each.getMessage()), e);
      }
    }
    return new StoreException(Fault.UNAVAILABLE, String.valueOf(e.getMessage()), e);
  }
}
