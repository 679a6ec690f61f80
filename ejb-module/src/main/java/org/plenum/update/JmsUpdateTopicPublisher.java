package org.plenum.update;

import jakarta.annotation.PostConstruct;
import jakarta.annotation.PreDestroy;
import jakarta.annotation.Resource;
import jakarta.enterprise.concurrent.ManagedThreadFactory;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.List;
import org.eclipse.microprofile.config.Config;
import org.jspecify.annotations.Nullable;
import org.plenum.platform.config.KnownConfig;
import org.plenum.platform.metrics.Meters;

/** The publisher with its thread; does nothing when configuration says that there are no peers. */
@ApplicationScoped
public class JmsUpdateTopicPublisher implements UpdatePublisher {
  private static final Duration JOIN = Duration.ofSeconds(5);

  @Inject private UpdateTopic topic;
  @Inject private Meters meters;
  @Inject private UpdateThreads watched;

  @Resource(lookup = "java:comp/DefaultManagedThreadFactory")
  private ManagedThreadFactory threads;

  private @Nullable UpdateTopicSender sender;
  private @Nullable Thread thread;

  @PostConstruct
  void start() {
    Config config = KnownConfig.get();
    if (UpdateConfig.TOPIC_ENABLED.from(config)) {
      OutgoingUpdates outgoing =
          new OutgoingUpdates(
              UpdateConfig.TOPIC_QUEUE.from(config), UpdateConfig.TOPIC_BATCH_BYTES.from(config));
      sender =
          new UpdateTopicSender(
              topic,
              UpdateTopicReceiver.NODE,
              outgoing,
              UpdateConfig.TOPIC_LINGER.from(config),
              UpdateConfig.TOPIC_BACK_OFF.from(config),
              meters);
      thread = threads.newThread(sender);
      thread.setName("plenum-update-topic");
      thread.start();
      watched.watch(thread);
    }
  }

  @PreDestroy
  void stop() {
    if (sender != null && thread != null) {
      sender.stop();
      thread.interrupt();
      try {
        thread.join(JOIN);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }

  @Override
  public void publish(List<Update> updates) {
    if (sender != null) {
      sender.publish(updates);
    }
  }
}
