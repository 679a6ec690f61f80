package org.plenum.web.push;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class OutboundTest {
  private static final Frame CLOSE = Frame.control(WebSocketFrames.close(1000, "bye"));

  private final FakeSink sink = new FakeSink();
  private final AtomicInteger drained = new AtomicInteger();
  private final AtomicInteger died = new AtomicInteger();
  private final byte[] scratch = new byte[Outbound.CHUNK];
  private final Outbound outbound =
      new Outbound(
          sink,
          Frame.Framing.WEB_SOCKET,
          1_000,
          20,
          new Outbound.Listener() {
            @Override
            public void onDrained() {
              drained.incrementAndGet();
            }

            @Override
            public void onDead() {
              died.incrementAndGet();
            }

            @Override
            public void onWritten(int bytes) {}
          });

  @BeforeEach
  void attach() {
    sink.attach(outbound);
  }

  private List<String> sent() {
    return ServerFrames.read(sink.sent());
  }

  @Test
  void whatWaitsGoesOutInOneWriteAndOneFlush() {
    outbound.offer(Frame.text("1"));
    outbound.offer(Frame.text("2"));
    outbound.offerAlways(Frame.text("3"));
    outbound.pump(scratch);
    assertThat(sent()).containsExactly("1", "2", "3");
    assertThat(sink.writes()).isEqualTo(1);
  }

  @Test
  void aFullSinkIsContinuedByTheCallback() {
    sink.fill();
    outbound.offer(Frame.text("1"));
    outbound.pump(scratch);
    outbound.offer(Frame.text("2"));
    outbound.pump(scratch);
    assertThat(sent()).isEmpty();
    sink.makeRoom();
    assertThat(sent()).containsExactly("1", "2");
  }

  @Test
  void aFullQueueRefusesFramesAndTellsWhenItIsDrained() {
    sink.fill();
    String large = "x".repeat(600);
    assertThat(outbound.offer(Frame.text(large))).isTrue();
    outbound.pump(scratch);
    assertThat(outbound.offer(Frame.text(large))).isFalse();
    assertThat(outbound.offerAlways(Frame.text(large))).isTrue();
    sink.makeRoom();
    assertThat(sent()).containsExactly(large, large);
    assertThat(drained).hasValue(1);
  }

  @Test
  void aQueueEmptiedByAPurgeIsDrainedToo() {
    GroupChannel group = TestChannels.channel();
    sink.fill();
    outbound.offer(Frame.ofGroup("x".repeat(900), group));
    outbound.pump(scratch);
    assertThat(outbound.offer(Frame.ofGroup("x".repeat(900), group))).isFalse();
    outbound.purge(group);
    assertThat(outbound.queuedBytes()).isZero();
    sink.makeRoom();
    outbound.pump(scratch);
    assertThat(drained).hasValue(1);
    assertThat(sent()).isEmpty();
  }

  @Test
  void framesAreBoundedByNumberToo() {
    sink.fill();
    for (int i = 0; i < 20; i++) {
      assertThat(outbound.offer(Frame.text("1"))).isTrue();
    }
    assertThat(outbound.offer(Frame.text("1"))).isFalse();
    for (int i = 0; i < 20; i++) {
      assertThat(outbound.offerAlways(Frame.text("1"))).isTrue();
    }
    assertThat(outbound.offerAlways(Frame.text("1"))).isFalse();
  }

  @Test
  void nothingIsTakenAfterTheEnd() {
    outbound.offer(Frame.text("1"));
    outbound.end(CLOSE, false, true);
    outbound.offer(Frame.text("2"));
    outbound.pump(scratch);
    assertThat(sent()).containsExactly("1", "close:1000");
    assertThat(sink.closed()).isTrue();
    assertThat(died).hasValue(1);
  }

  @Test
  void anEndThatWaitsForThePeerKeepsTheSinkOpen() {
    outbound.end(CLOSE, false, false);
    outbound.pump(scratch);
    assertThat(sink.closed()).isFalse();
    outbound.end(null, false, true);
    outbound.pump(scratch);
    assertThat(sink.closed()).isTrue();
  }

  @Test
  void aBrokenSinkIsClosedOnce() {
    sink.breakDown();
    outbound.offer(Frame.text("1"));
    outbound.pump(scratch);
    assertThat(sink.closed()).isTrue();
    assertThat(died).hasValue(1);
    outbound.kill();
    outbound.pump(scratch);
    assertThat(died).hasValue(1);
  }

  @Test
  void killingClosesAnIdleOrWaitingSink() {
    sink.fill();
    outbound.offer(Frame.text("1"));
    outbound.pump(scratch);
    outbound.kill();
    assertThat(sink.closed()).isTrue();
    sink.makeRoom();
    assertThat(sent()).isEmpty();
  }

  @Test
  void manyThreadsLoseAndMixNothing() throws Exception {
    int threads = 4;
    int each = 5_000;
    Outbound busy =
        new Outbound(
            sink,
            Frame.Framing.WEB_SOCKET,
            Integer.MAX_VALUE / 4,
            Integer.MAX_VALUE / 4,
            new Outbound.Listener() {
              @Override
              public void onDrained() {}

              @Override
              public void onDead() {}

              @Override
              public void onWritten(int bytes) {}
            });
    sink.attach(busy);
    AtomicBoolean done = new AtomicBoolean();
    CountDownLatch start = new CountDownLatch(1);
    try (ExecutorService pool = Executors.newCachedThreadPool()) {
      Future<?> container =
          pool.submit(
              () -> {
                while (!done.get()) {
                  sink.fill();
                  Thread.onSpinWait();
                  sink.makeRoom();
                }
                return null;
              });
      List<Future<?>> producers =
          java.util.stream.IntStream.range(0, threads)
              .<Future<?>>mapToObj(
                  thread ->
                      pool.submit(
                          () -> {
                            byte[] own = new byte[Outbound.CHUNK];
                            start.await();
                            for (int i = 0; i < each; i++) {
                              busy.offer(Frame.text(thread + "-" + i));
                              busy.pump(own);
                            }
                            return null;
                          }))
              .toList();
      start.countDown();
      for (Future<?> producer : producers) {
        producer.get(60, TimeUnit.SECONDS);
      }
      done.set(true);
      container.get(10, TimeUnit.SECONDS);
    }
    sink.makeRoom();
    busy.pump(scratch);
    List<String> frames = sent();
    assertThat(frames).hasSize(threads * each);
    for (int thread = 0; thread < threads; thread++) {
      String prefix = thread + "-";
      List<String> own = frames.stream().filter(frame -> frame.startsWith(prefix)).toList();
      for (int i = 0; i < each; i++) {
        assertThat(own.get(i)).isEqualTo(prefix + i);
      }
    }
  }
}
