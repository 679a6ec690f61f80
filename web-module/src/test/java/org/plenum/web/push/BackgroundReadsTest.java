package org.plenum.web.push;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.plenum.platform.CorrelationId;

/** What becomes of a read for a socket. */
class BackgroundReadsTest {
  private final Deque<Runnable> later = new ArrayDeque<>();
  private final BackgroundReads reads = new BackgroundReads(later::add);
  private final List<String> happened = new ArrayList<>();
  private @Nullable String correlation;

  @AfterEach
  void unbind() {
    CorrelationId.bind(null);
  }

  private void refused() {
    happened.add("refused");
  }

  @Test
  void aReadRunsLaterUnderTheCorrelationOfWhoAskedForIt() {
    CorrelationId.bind("asked");
    reads.read(() -> correlation = CorrelationId.current(), this::refused);
    CorrelationId.bind(null);

    later.remove().run();

    assertThat(correlation).isEqualTo("asked");
    assertThat(CorrelationId.current()).isNull();
    assertThat(happened).isEmpty();
  }

  @Test
  void aReadThatFindsNoRoomIsRefusedAtOnce() {
    BackgroundReads full =
        new BackgroundReads(
            task -> {
              throw new RejectedExecutionException("full");
            });
    full.read(() -> happened.add("read"), this::refused);
    assertThat(happened).containsExactly("refused");
  }

  @Test
  void aReadThatFailsIsRefusedToo() {
    reads.read(
        () -> {
          throw new IllegalStateException("a test's");
        },
        this::refused);
    later.remove().run();
    assertThat(happened).containsExactly("refused");
  }

  @Test
  void aReadThatEndsInAnErrorIsRefusedToo() {
    reads.read(
        () -> {
          throw new StackOverflowError("a test's");
        },
        this::refused);
    later.remove().run();
    assertThat(happened).containsExactly("refused");
  }
}
