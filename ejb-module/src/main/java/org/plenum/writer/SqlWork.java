package org.plenum.writer;

import java.sql.Connection;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;
import org.plenum.writer.StoreException.Fault;

/** Work on a connection inside a transaction that somebody else opened. */
@FunctionalInterface
public interface SqlWork<T extends @Nullable Object> {
  /** Does it; an exception rolls the transaction back. */
  T on(Connection connection) throws SQLException;

  /** Does it; a row that cannot be understood is the fault of the command that needs it. */
  default T owned(Connection connection) throws SQLException {
    try {
      return on(connection);
    } catch (StoreException e) {
      throw e;
    } catch (RuntimeException e) {
      throw new StoreException(Fault.REFUSED, "a row could not be read or written: " + e, e);
    }
  }
}
