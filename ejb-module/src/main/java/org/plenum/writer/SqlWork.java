package org.plenum.writer;

import java.sql.Connection;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/** Work on a connection inside a transaction that somebody else opened. */
@FunctionalInterface
public interface SqlWork<T extends @Nullable Object> {
  /** Does it; an exception rolls the transaction back. */
  T on(Connection connection) throws SQLException;
}
