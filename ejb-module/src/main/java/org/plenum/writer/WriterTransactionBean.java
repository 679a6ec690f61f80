package org.plenum.writer;

import jakarta.annotation.Resource;
import jakarta.ejb.LocalBean;
import jakarta.ejb.Stateless;
import jakarta.ejb.TransactionAttribute;
import jakarta.ejb.TransactionAttributeType;
import java.sql.Connection;
import java.sql.SQLException;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/** Gives the writer a container transaction for each batch. */
@Stateless
@LocalBean
public class WriterTransactionBean {
  @Resource(lookup = "jdbc/plenum")
  private DataSource dataSource;

  /** Runs the work in a transaction of its own and answers after the commit. */
  @TransactionAttribute(TransactionAttributeType.REQUIRES_NEW)
  public <T extends @Nullable Object> T inNew(SqlWork<T> work) {
    try (Connection connection = dataSource.getConnection()) {
      return work.on(connection);
    } catch (SQLException e) {
      throw StoreException.of(e);
    }
  }
}
