package org.plenum.update;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.plenum.group.api.Actor;
import org.plenum.group.api.GroupId;

/** Signals are dropped and counted in any trouble; the thread that sends them goes on. */
class SignalSenderTest {
  private final CountingMeters meters = new CountingMeters();
  private final List<Signal> sent = new CopyOnWriteArrayList<>();
  private final AtomicBoolean released = new AtomicBoolean();
  private @Nullable SignalSender sender;
  private @Nullable Thread thread;

  private SignalSender start(Predicate<byte[]> way) {
    SignalSender started =
        new SignalSender(
            way,
            () -> released.set(true),
            16,
            Duration.ofMillis(1),
            Duration.ofMillis(5),
            meters.counter("dropped", ""));
    Thread runner = new Thread(started, "signals");
    runner.start();
    sender = started;
    thread = runner;
    return started;
  }

  @AfterEach
  void stop() throws InterruptedException {
    if (sender != null && thread != null) {
      sender.stop();
      thread.interrupt();
      thread.join();
      assertThat(released).isTrue();
    }
  }

  private boolean takes(byte[] batch) {
    return sent.addAll(SignalCodec.decode(batch));
  }

  private static Signal touched(long account) {
    return new Signal.AccountTouched(account);
  }

  @Test
  void signalsAreSentInTheirOrder() {
    SignalSender started = start(this::takes);
    started.send(touched(1));
    started.send(touched(2));

    await().until(() -> sent.equals(List.of(touched(1), touched(2))));
    assertThat(meters.value("dropped")).isZero();
  }

  @Test
  void whatCannotBeSentIsDroppedAndCounted() {
    AtomicBoolean away = new AtomicBoolean(true);
    SignalSender started = start(batch -> !away.get() && takes(batch));
    started.send(touched(1));
    await().until(() -> meters.value("dropped") == 1);
    away.set(false);
    started.send(touched(2));

    await().until(() -> sent.equals(List.of(touched(2))));
  }

  @Test
  void aSignalThatHasNoFormEndsNoSending() {
    SignalSender started = start(this::takes);
    started.send(new Signal.Typing(new GroupId(new UUID(1, 2)), new Actor(3, "x".repeat(70_000))));
    await().until(() -> meters.value("dropped") == 1);
    started.send(touched(2));

    await().until(() -> sent.equals(List.of(touched(2))));
  }

  @Test
  void anErrorEndsNoSending() {
    AtomicInteger tries = new AtomicInteger();
    SignalSender started =
        start(
            batch -> {
              if (tries.incrementAndGet() == 1) {
                throw new LinkageError("for a test");
              }
              return takes(batch);
            });
    started.send(touched(1));
    await().until(() -> meters.value("dropped") == 1);
    started.send(touched(2));

    await().until(() -> sent.equals(List.of(touched(2))));
  }

  @Test
  void aThreadThatEndedIsNamed() throws InterruptedException {
    UpdateThreads threads = new UpdateThreads();
    start(this::takes);
    Thread runner = thread;
    assertThat(runner).isNotNull();
    threads.watch(runner);
    assertThat(threads.ended()).isEmpty();

    runner.interrupt();
    runner.join();

    assertThat(threads.ended()).containsExactly("signals");
  }
}
