package org.plenum.writer;

import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;
import org.plenum.writer.JdbcGroupStore.Transactions;

/**
 * Transactions of the container, and of the connection itself once the container begins none: a
 * server that is stopped takes its transaction manager's timer away before it tells its
 * applications. What is acknowledged is committed and the lease given back all the same (GRP-4).
 * Safe for use by several threads.
 */
final class ContainerTransactions implements Transactions {
  private static final Logger LOG = Logger.getLogger(ContainerTransactions.class.getName());

  private final Transactions container;
  private final Transactions local;
  private final AtomicBoolean said = new AtomicBoolean();

  ContainerTransactions(Transactions container, Transactions local) {
    this.container = container;
    this.local = local;
  }

  @Override
  public <T extends @Nullable Object> T inNew(SqlWork<T> work) {
    AtomicBoolean begun = new AtomicBoolean();
    try {
      return container.inNew(
          connection -> {
            begun.set(true);
            return work.on(connection);
          });
    } catch (RuntimeException e) {
      if (begun.get() || !isRejected(e)) {
        throw e;
      }
      if (said.compareAndSet(false, true)) {
        LOG.info("the server stops and begins no transactions: what waits is committed without it");
        LOG.log(Level.FINE, "refused to begin a transaction", e);
      }
      return local.inNew(work);
    }
  }

  private static boolean isRejected(Throwable fault) {
    Throwable each = fault;
    for (int depth = 0; each != null && depth < 10; depth++) {
      if (each instanceof RejectedExecutionException) {
        return true;
      }
      each = each.getCause();
    }
    return false;
  }
}
