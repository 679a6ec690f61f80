package org.plenum.web.push;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class ServletSinkTest {
  private final AtomicInteger closed = new AtomicInteger();

  @Test
  void aSocketIsClosedByTheCloser() {
    Deque<Runnable> tasks = new ArrayDeque<>();
    new ServletSink(new IdleStreams.Output(), closed::incrementAndGet, tasks::add).close();
    assertThat(closed).hasValue(0);
    tasks.remove().run();
    assertThat(closed).hasValue(1);
  }

  @Test
  void aFanOutThreadNeverWaitsForASlowPeerToClose() {
    ServletSink sink =
        new ServletSink(
            new IdleStreams.Output(),
            closed::incrementAndGet,
            task -> {
              throw new RejectedExecutionException("all closers are busy");
            });
    sink.close();
    assertThat(closed).hasValue(0);
  }
}
