package org.plenum.platform.health;

import jakarta.annotation.PostConstruct;
import jakarta.annotation.PreDestroy;
import jakarta.annotation.Resource;
import jakarta.enterprise.concurrent.ManagedThreadFactory;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Map;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.plenum.platform.ApplicationStops;
import org.plenum.platform.WorkerPool;
import org.plenum.platform.config.KnownConfig;
import org.plenum.platform.metrics.Meters;

/**
 * Whether the database answers. A short absence leaves the node in rotation: it reads from its
 * cache, and writes wait. A shell around {@link DatabaseAsk} with a thread of its own.
 */
@ApplicationScoped
public class DatabaseProbe implements HealthProbe {
  private static final int ANSWER_SECONDS = 2;

  @Inject private Meters meters;

  @Resource(lookup = "jdbc/plenum")
  private DataSource dataSource;

  @Resource(lookup = "java:comp/DefaultManagedThreadFactory")
  private ManagedThreadFactory threads;

  private @Nullable WorkerPool pool;
  private @Nullable DatabaseAsk ask;

  @PostConstruct
  void start() {
    HealthConfig config = HealthConfig.from(KnownConfig.get());
    WorkerPool thread = new WorkerPool("health-database", 1, 1, threads, meters);
    pool = thread;
    ask =
        new DatabaseAsk(
            this::answers, thread, config.databaseWait(), config.databaseGrace(), System::nanoTime);
  }

  private boolean answers() throws SQLException {
    try (Connection connection = dataSource.getConnection()) {
      return connection.isValid(ANSWER_SECONDS);
    }
  }

  @Override
  public String name() {
    return "database";
  }

  @Override
  public boolean up() {
    return ask().up();
  }

  @Override
  public Map<String, String> facts() {
    return ask().facts();
  }

  private DatabaseAsk ask() {
    if (ask == null) {
      throw new IllegalStateException("the probe is not started");
    }
    return ask;
  }

  /** Ends as {@link #stop()} does, when the server stops. */
  public void applicationStops(@Observes ApplicationStops event) {
    stop();
  }

  @PreDestroy
  void stop() {
    if (pool != null) {
      pool.close();
    }
  }
}
