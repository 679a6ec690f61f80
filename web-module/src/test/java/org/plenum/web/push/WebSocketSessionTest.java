package org.plenum.web.push;

import static org.assertj.core.api.Assertions.assertThat;

import jakarta.servlet.ReadListener;
import jakarta.servlet.ServletInputStream;
import java.io.ByteArrayOutputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.IntStream;
import org.junit.jupiter.api.RepeatedTest;
import org.plenum.group.api.CommandAnswer;
import org.plenum.group.api.CommandEnvelope;
import org.plenum.group.api.GroupCommand;
import org.plenum.web.limits.RateLimiter;

/** The order of one socket's messages, whatever the container does with its callbacks. */
class WebSocketSessionTest {
  private static final int MESSAGES = 2_000;
  private static final int THREADS = 4;
  private static final String GROUP = "0199c0de-0000-7000-8000-000000000001";

  private final World world = new World(1);

  /** A container's stream that gives a few bytes at a time to whoever asks. */
  private static final class Bytes extends ServletInputStream {
    private final byte[] bytes;
    private int at;

    Bytes(byte[] bytes) {
      this.bytes = bytes;
    }

    @Override
    public synchronized int read(byte[] target, int offset, int length) {
      int count = Math.min(Math.min(length, 100), bytes.length - at);
      System.arraycopy(bytes, at, target, offset, count);
      at += count;
      return count;
    }

    @Override
    public int read() {
      throw new UnsupportedOperationException();
    }

    @Override
    public synchronized boolean isReady() {
      return at < bytes.length;
    }

    @Override
    public boolean isFinished() {
      return false;
    }

    @Override
    public void setReadListener(ReadListener listener) {
      // The test calls back itself.
    }
  }

  @RepeatedTest(5)
  void callbacksOnSeveralThreadsAtOnceHandMessagesOverInTheOrderOfTheBytes() throws Exception {
    List<String> texts = new CopyOnWriteArrayList<>();
    ByteArrayOutputStream sent = new ByteArrayOutputStream();
    for (int i = 0; i < MESSAGES; i++) {
      String json =
          "{\"type\":\"post\",\"id\":\"%s\",\"group\":\"%s\",\"text\":\"%d\"}"
              .formatted(new UUID(0x0199c0de00007000L, 0x8000000000000000L | i), GROUP, i);
      sent.writeBytes(ClientFrames.text(json));
    }
    PushConnection connection = world.open(1).connection();
    connection.startJoin();
    MessageHandler handler =
        new MessageHandler(
            world.hub(),
            envelope -> submit(envelope, texts),
            (account, json, id) -> {
              throw new AssertionError("no report was sent");
            },
            new RateLimiter<>(0, Duration.ofSeconds(1), 1, 10, System::nanoTime),
            world.clock);
    WebSocketSession session =
        new WebSocketSession(new Bytes(sent.toByteArray()), connection, handler);

    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < THREADS; i++) {
      threads.add(Thread.ofPlatform().start(session::onDataAvailable));
    }
    for (Thread thread : threads) {
      assertThat(thread.join(Duration.ofSeconds(30))).isTrue();
    }

    assertThat(texts)
        .containsExactlyElementsOf(IntStream.range(0, MESSAGES).mapToObj(String::valueOf).toList());
  }

  private static CompletionStage<CommandAnswer> submit(
      CommandEnvelope envelope, List<String> texts) {
    if (envelope.command() instanceof GroupCommand.PostMessage post) {
      texts.add(post.text());
    }
    return new CompletableFuture<>();
  }
}
