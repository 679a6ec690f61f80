package org.plenum.update;

import jakarta.annotation.PostConstruct;
import jakarta.annotation.PreDestroy;
import jakarta.annotation.Resource;
import jakarta.enterprise.concurrent.ManagedThreadFactory;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.List;
import java.util.logging.Logger;
import org.eclipse.microprofile.config.Config;
import org.jspecify.annotations.Nullable;
import org.plenum.platform.config.KnownConfig;
import org.plenum.platform.metrics.Meters;

/** The node's update stream with its thread; started on first use, at the end of the log. */
@ApplicationScoped
public class UpdateStreamBean implements UpdateStream, UpdateInbox {
  private static final Logger LOG = Logger.getLogger(UpdateStreamBean.class.getName());
  private static final Duration JOIN = Duration.ofSeconds(5);

  @Inject private UpdateLog log;
  @Inject private Meters meters;

  @Resource(lookup = "java:comp/DefaultManagedThreadFactory")
  private ManagedThreadFactory threads;

  private @Nullable OrderedUpdateStream stream;
  private @Nullable Thread thread;

  @PostConstruct
  void start() {
    Config config = KnownConfig.get();
    OrderedUpdateStream started =
        new OrderedUpdateStream(
            log,
            UpdateConfig.INBOX.from(config),
            UpdateConfig.EARLY.from(config),
            UpdateConfig.CATCH_UP_BATCH.from(config),
            UpdateConfig.POLL.from(config).toMillis());
    started.startAt(log.lastRevision());
    meters.gauge(
        "update_applied_revision", "Last revision given to listeners", started::appliedRevision);
    meters.gauge(
        "update_lag_millis",
        "Age of the oldest update that waits to be applied",
        started::lagMillis);
    meters.gauge("update_inbox_depth", "Batches that wait for the update stream", started::depth);
    meters.gauge("update_catch_ups", "Reads of the log that found something", started::catchUps);
    Thread runner = threads.newThread(started::run);
    runner.setName("plenum-update-stream");
    runner.start();
    stream = started;
    thread = runner;
    LOG.info(() -> "update stream starts after revision " + started.appliedRevision());
  }

  @PreDestroy
  void stop() {
    if (stream != null && thread != null) {
      stream.stop();
      thread.interrupt();
      try {
        thread.join(JOIN);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /** Whether the stream's thread works. */
  public boolean alive() {
    return thread != null && thread.isAlive();
  }

  private OrderedUpdateStream stream() {
    if (stream == null) {
      throw new IllegalStateException("the update stream is not started");
    }
    return stream;
  }

  @Override
  public long subscribe(UpdateListener listener) {
    return stream().subscribe(listener);
  }

  @Override
  public long appliedRevision() {
    return stream().appliedRevision();
  }

  @Override
  public long lagMillis() {
    return stream().lagMillis();
  }

  @Override
  public void offer(List<Update> updates) {
    stream().offer(updates);
  }
}
