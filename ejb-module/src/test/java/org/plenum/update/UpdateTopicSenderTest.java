package org.plenum.update;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class UpdateTopicSenderTest {
  private final CountingMeters meters = new CountingMeters();
  private final List<List<Update>> sent = new CopyOnWriteArrayList<>();
  private @Nullable UpdateTopicSender sender;
  private @Nullable Thread thread;

  @AfterEach
  void stop() throws InterruptedException {
    if (sender != null && thread != null) {
      sender.stop();
      thread.interrupt();
      thread.join();
    }
  }

  @Test
  void whatWaitsTravelsInOneMessage() {
    CountDownLatch firstIsHeld = new CountDownLatch(1);
    UpdateTopicSender started =
        start(
            1_000,
            (node, batch) -> {
              sent.add(UpdateBatchCodec.decode(batch));
              awaitUninterruptibly(firstIsHeld);
            });
    started.publish(UpdateTopicContract.updates(1, 1));
    await().until(() -> sent.size() == 1);
    started.publish(UpdateTopicContract.updates(2, 5));
    started.publish(UpdateTopicContract.updates(6, 9));
    firstIsHeld.countDown();

    await().until(() -> sent.size() == 2);
    assertThat(sent.get(1))
        .extracting(Update::revision)
        .containsExactly(2L, 3L, 4L, 5L, 6L, 7L, 8L, 9L);
  }

  @Test
  void theOldestAreForgottenWhileTheTopicIsAwayAndPublishingNeverWaits() {
    AtomicInteger failures = new AtomicInteger();
    CountDownLatch back = new CountDownLatch(1);
    UpdateTopicSender started =
        start(
            100,
            (node, batch) -> {
              if (back.getCount() > 0) {
                failures.incrementAndGet();
                throw new IllegalStateException("away");
              }
              sent.add(UpdateBatchCodec.decode(batch));
            });
    started.publish(UpdateTopicContract.updates(1, 10));
    await().until(() -> failures.get() > 1 || meters.value("update_topic_send_failures") > 0);
    for (int i = 0; i < 100; i++) {
      started.publish(UpdateTopicContract.updates(11 + 10L * i, 20 + 10L * i));
    }
    back.countDown();

    await().atMost(Duration.ofSeconds(20)).until(() -> lastRevision() == 1_010);
    assertThat(sent.stream().mapToInt(List::size).sum()).isLessThanOrEqualTo(200);
    assertThat(meters.value("update_topic_dropped")).isGreaterThanOrEqualTo(800);
    assertThat(meters.value("update_topic_waiting")).isZero();
  }

  @Test
  void anErrorEndsNoSending() {
    AtomicInteger tries = new AtomicInteger();
    UpdateTopicSender started =
        start(
            1_000,
            (node, batch) -> {
              if (tries.incrementAndGet() == 1) {
                throw new LinkageError("for a test");
              }
              sent.add(UpdateBatchCodec.decode(batch));
            });
    started.publish(UpdateTopicContract.updates(1, 1));
    await().until(() -> meters.value("update_topic_send_failures") == 1);
    assertThat(meters.value("update_topic_away")).isEqualTo(1);
    started.publish(UpdateTopicContract.updates(2, 2));

    await().until(() -> lastRevision() == 2);
    await().until(() -> meters.value("update_topic_away") == 0);
  }

  @Test
  void aMessageStaysWithinItsSize() {
    OutgoingUpdates outgoing = new OutgoingUpdates(1_000, 1_024);
    outgoing.add(UpdateTopicContract.updates(1, 100));

    assertThat(takeNow(outgoing)).hasSizeBetween(5, 15);
  }

  @Test
  void oneUpdateBeyondTheSizeTravelsAlone() {
    OutgoingUpdates outgoing = new OutgoingUpdates(1_000, 1);
    outgoing.add(UpdateTopicContract.updates(1, 2));

    assertThat(takeNow(outgoing)).extracting(Update::revision).containsExactly(1L);
  }

  @Test
  void aBatchBeyondTheBoundKeepsItsNewest() {
    OutgoingUpdates outgoing = new OutgoingUpdates(3, 10_000);
    outgoing.add(UpdateTopicContract.updates(1, 10));

    assertThat(takeNow(outgoing)).extracting(Update::revision).containsExactly(8L, 9L, 10L);
    assertThat(outgoing.dropped()).isEqualTo(7);
  }

  private static List<Update> takeNow(OutgoingUpdates outgoing) {
    try {
      return outgoing.take();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private long lastRevision() {
    return sent.isEmpty() ? 0 : sent.getLast().getLast().revision();
  }

  private UpdateTopicSender start(int bound, UpdateTopic topic) {
    UpdateTopicSender started =
        new UpdateTopicSender(
            topic,
            "home",
            new OutgoingUpdates(bound, 100_000),
            Duration.ofMillis(1),
            Duration.ofMillis(200),
            meters);
    Thread runner = new Thread(started);
    runner.start();
    sender = started;
    thread = runner;
    return started;
  }

  private static void awaitUninterruptibly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
