package org.plenum.writer;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.plenum.writer.StoreException.Fault;

/**
 * Reads the lease and waits for it no longer than a limit: a network that swallows everything keeps
 * a connection silent for longer than any caller waits. One look at a time is under way; who comes
 * meanwhile waits for that one. For one thread.
 */
final class BoundedLeaders implements Leaders {
  private final Leaders database;
  private final Executor executor;
  private final Duration limit;
  private @Nullable CompletableFuture<Optional<Leader>> look;

  /**
   * Leaders that read the database with the executor's thread.
   *
   * @param limit of one call of {@link #leader}
   */
  BoundedLeaders(Leaders database, Executor executor, Duration limit) {
    this.database = database;
    this.executor = executor;
    this.limit = limit;
  }

  @Override
  public Optional<Leader> leader() {
    CompletableFuture<Optional<Leader>> running = look;
    if (running == null || running.isDone()) {
      running = start();
      look = running;
    }
    try {
      return running.get(limit.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      throw new StoreException(Fault.UNAVAILABLE, "the lease was not read in " + limit, e);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof StoreException known) {
        throw known;
      }
      throw new StoreException(Fault.UNAVAILABLE, "the lease could not be read", e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new StoreException(Fault.UNAVAILABLE, "interrupted while the lease was read", e);
    }
  }

  private CompletableFuture<Optional<Leader>> start() {
    try {
      return CompletableFuture.supplyAsync(database::leader, executor);
    } catch (RejectedExecutionException e) {
      throw new StoreException(Fault.UNAVAILABLE, "no thread reads the lease", e);
    }
  }
}
