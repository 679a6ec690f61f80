package org.plenum.web.push;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.plenum.report.api.ReportFeeds.Delivered;
import org.plenum.report.api.ReportFeeds.Feed;

class ReportStreamTest {
  private final AtomicInteger closed = new AtomicInteger();
  private final AtomicInteger lost = new AtomicInteger();
  private final AtomicInteger places = new AtomicInteger();

  private final Feed feed =
      new Feed() {
        @Override
        public long acked() {
          return 0;
        }

        @Override
        public List<Delivered> poll(int most, Duration wait) {
          return List.of();
        }

        @Override
        public void ack(long sequence) {}

        @Override
        public void reject(long sequence, String reason) {}

        @Override
        public void close() {
          closed.incrementAndGet();
        }

        @Override
        public void lost() {
          lost.incrementAndGet();
        }
      };

  private static void refuse(String how) {
    switch (how) {
      case "rejected" -> throw new RejectedExecutionException(how);
      case "stopping" -> throw new IllegalStateException(how);
      default -> throw new OutOfMemoryError(how);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"rejected", "stopping", "no native thread"})
  void aStreamWithoutAThreadGivesItsFeedAndItsPlaceBackOnce(String how) {
    ReportStream stream =
        new ReportStream(
            "g",
            new LocalReportSource("a", feed, null),
            null,
            false,
            new ReportStream.Settings(10, Duration.ofSeconds(30)),
            () -> {},
            places::incrementAndGet);
    assertThatThrownBy(
            () ->
                stream.start(
                    new FakeSink(),
                    new IdleStreams.Input(),
                    new IdleStreams.Output(),
                    task -> refuse(how)))
        .hasMessage(how);
    stream.kill();
    assertThat(closed).hasValue(1);
    assertThat(places).hasValue(1);
  }

  @Test
  void aPeerThatDoesNotReadTheGoodbyeKeepsItsSocketForAWhileOnly() throws Exception {
    ReportStream stream =
        new ReportStream(
            "g",
            new LocalReportSource("a", feed, null),
            null,
            false,
            new ReportStream.Settings(10, Duration.ofMillis(300)),
            () -> {},
            places::incrementAndGet);
    FakeSink sink = new FakeSink();
    sink.fill();
    List<Thread> threads = new ArrayList<>();
    stream.start(
        sink,
        new IdleStreams.Input(),
        new IdleStreams.Output(),
        task -> {
          Thread thread = new Thread(task);
          threads.add(thread);
          thread.start();
        });
    stream.leave();
    threads.getFirst().join(Duration.ofSeconds(20));
    assertThat(threads.getFirst().isAlive()).isFalse();
    assertThat(sink.closed()).isTrue();
    assertThat(closed).hasValue(1);
    assertThat(lost).as("this side ended it").hasValue(0);
    assertThat(places).hasValue(1);
  }
}
