package org.plenum.update;

import jakarta.annotation.PostConstruct;
import jakarta.annotation.PreDestroy;
import jakarta.annotation.Resource;
import jakarta.enterprise.concurrent.ManagedThreadFactory;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;
import org.plenum.platform.ApplicationStops;
import org.plenum.platform.ServiceException;
import org.plenum.platform.WorkerPool;
import org.plenum.platform.config.KnownConfig;
import org.plenum.platform.health.BackgroundAsk;
import org.plenum.platform.health.HealthConfig;
import org.plenum.platform.health.HealthProbe;
import org.plenum.platform.metrics.Meters;

/**
 * How far this node is behind the update log, and whether it follows it at all and tells others.
 */
@ApplicationScoped
public class UpdateStreamProbe implements HealthProbe {
  private static final Logger LOG = Logger.getLogger(UpdateStreamProbe.class.getName());

  @Inject private UpdateStreamBean stream;
  @Inject private UpdateThreads senders;
  @Inject private UpdateLog log;
  @Inject private Meters meters;

  @Resource(lookup = "java:comp/DefaultManagedThreadFactory")
  private ManagedThreadFactory threads;

  private @Nullable WorkerPool pool;
  private @Nullable BackgroundAsk ask;
  private volatile int bound = Integer.MAX_VALUE;
  private volatile long lag;

  @PostConstruct
  void start() {
    HealthConfig config = HealthConfig.from(KnownConfig.get());
    bound = config.lag();
    WorkerPool thread = new WorkerPool("health-updates", 1, 1, threads, meters);
    pool = thread;
    ask = new BackgroundAsk(this::measure, thread, config.databaseWait(), System::nanoTime);
  }

  private void measure() {
    try {
      // The log first: the answer may have taken a while.
      long head = log.lastRevision();
      lag = Math.max(0, head - stream.appliedRevision());
    } catch (ServiceException e) {
      // Without the database the log does not grow either: the last known lag stands.
      LOG.log(Level.FINE, "the update log is away", e);
    }
  }

  @Override
  public String name() {
    return "updates";
  }

  @Override
  public boolean up() {
    if (!stream.alive() || !senders.ended().isEmpty()) {
      return false;
    }
    if (ask != null) {
      var unused = ask.ask();
    }
    return lag <= bound;
  }

  @Override
  public Map<String, String> facts() {
    Map<String, String> facts = new HashMap<>();
    facts.put("applied", Long.toString(stream.appliedRevision()));
    facts.put("behind", Long.toString(lag));
    List<String> ended = senders.ended();
    if (!ended.isEmpty()) {
      facts.put("ended", String.join(" ", ended));
    }
    return facts;
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
