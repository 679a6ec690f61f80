package org.plenum.writer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import jakarta.ejb.EJBException;
import java.sql.SQLException;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.plenum.writer.JdbcGroupStore.Transactions;

class ContainerTransactionsTest {
  private static final SqlWork<Integer> INSERT =
      connection -> connection.createStatement().executeUpdate("INSERT INTO done (n) VALUES (1)");

  private TestDatabase database;

  @BeforeEach
  void open() throws SQLException {
    database = TestDatabase.h2();
    database.inNew(
        connection -> connection.createStatement().executeUpdate("CREATE TABLE done (n INT)"));
  }

  @AfterEach
  void close() throws SQLException {
    database.close();
  }

  @Test
  void aServerThatStopsBeginsNoTransactionAndTheWorkIsCommittedAllTheSame() throws SQLException {
    Transactions transactions =
        new ContainerTransactions(
            refusing(new EJBException(new RejectedExecutionException("shut down"))), database);
    assertThat(transactions.inNew(INSERT)).isEqualTo(1);
    assertThat(rows()).isEqualTo(1);
  }

  @Test
  void workThatHasBegunIsNeverDoneAgain() throws SQLException {
    Transactions broken =
        new Transactions() {
          @Override
          public <T extends @Nullable Object> T inNew(SqlWork<T> work) {
            database.inNew(work);
            throw new EJBException(new RejectedExecutionException("in the commit"));
          }
        };
    assertThatThrownBy(() -> new ContainerTransactions(broken, database).inNew(INSERT))
        .isInstanceOf(EJBException.class);
    assertThat(rows()).isEqualTo(1);
  }

  @Test
  void anyOtherRefusalIsTheCallers() throws SQLException {
    Transactions away = refusing(new EJBException(new SQLException("no connection")));
    assertThatThrownBy(() -> new ContainerTransactions(away, database).inNew(INSERT))
        .hasRootCauseMessage("no connection");
    assertThat(rows()).isZero();
  }

  @Test
  void aFaultOfTheWorkRollsItsOwnTransactionBack() throws SQLException {
    Transactions transactions =
        new ContainerTransactions(
            refusing(new EJBException(new RejectedExecutionException("shut down"))), database);
    assertThatThrownBy(
            () ->
                transactions.inNew(
                    connection -> {
                      INSERT.on(connection);
                      throw new IllegalStateException("afterwards");
                    }))
        .hasMessage("afterwards");
    assertThat(rows()).isZero();
  }

  private int rows() throws SQLException {
    return database.column("SELECT n FROM done", Integer.class).size();
  }

  private static Transactions refusing(RuntimeException fault) {
    return new Transactions() {
      @Override
      public <T extends @Nullable Object> T inNew(SqlWork<T> work) {
        throw fault;
      }
    };
  }
}
