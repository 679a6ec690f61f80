package org.plenum.web.push;

import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One connection of an inner stream. The client's threads put whole messages into an inbox; while
 * what was taken in and is not released yet is more than the bound, nothing more is read from the
 * socket, so that the other node stops sending. One message may go beyond the bound, by {@link
 * #MAX_MESSAGE} characters at most. Sends follow each other; who sends asks {@link #idle()} first.
 */
final class PeerConnection implements WebSocket.Listener {
  /** What is held of a queue: characters that were taken in and not released. */
  static final int MAX_HELD = 1 << 20;

  /** Longer messages end the connection: a batch of the other node has 1 MiB, or one report. */
  static final int MAX_MESSAGE = 16 << 20;

  private static final Duration FAREWELL = Duration.ofSeconds(5);

  private final Queue<String> inbox = new ConcurrentLinkedQueue<>();
  private final StringBuilder partial = new StringBuilder();
  private volatile @Nullable WebSocket socket;
  private volatile @Nullable String ended;
  private volatile boolean abandoned;
  private volatile boolean finished;
  private volatile long heard = System.nanoTime();
  private CompletableFuture<?> sending = CompletableFuture.completedFuture(null);
  private long sentAt = System.nanoTime();

  /** Guarded by this. */
  private long held;

  private boolean stalled;

  // ---- the client's threads

  @Override
  public void onOpen(WebSocket opened) {
    heard = System.nanoTime();
    socket = opened;
    if (abandoned) {
      opened.abort();
    } else {
      opened.request(1);
    }
  }

  @Override
  public @Nullable CompletionStage<?> onText(WebSocket from, CharSequence data, boolean last) {
    heard = System.nanoTime();
    if (finished) {
      from.request(1); // until it reads our goodbye and closes
      return null;
    }
    if (partial.length() + data.length() > MAX_MESSAGE) {
      end("a message of more than " + MAX_MESSAGE + " characters");
      from.abort();
      return null;
    }
    partial.append(data);
    boolean more = true;
    if (last) {
      String message = partial.toString();
      partial.setLength(0);
      partial.trimToSize();
      more = hold(message.length());
      inbox.add(message);
    }
    if (more) {
      from.request(1);
    }
    return null;
  }

  private synchronized boolean hold(int length) {
    held += length;
    stalled = held >= MAX_HELD;
    return !stalled;
  }

  @Override
  public @Nullable CompletionStage<?> onPing(WebSocket from, ByteBuffer message) {
    heard = System.nanoTime();
    from.request(1);
    return null;
  }

  @Override
  public @Nullable CompletionStage<?> onPong(WebSocket from, ByteBuffer message) {
    heard = System.nanoTime();
    from.request(1);
    return null;
  }

  @Override
  public @Nullable CompletionStage<?> onClose(WebSocket from, int code, String reason) {
    end("closed with " + code + " " + reason);
    return null;
  }

  @Override
  public void onError(WebSocket from, Throwable failure) {
    end(String.valueOf(failure));
  }

  private synchronized void end(String reason) {
    if (ended == null) {
      ended = reason;
    }
  }

  // ---- the stream's thread

  /** The connection is made; the client's threads may say so later. */
  void made(WebSocket opened) {
    socket = opened;
  }

  /** The next whole message. */
  @Nullable String next() {
    return inbox.poll();
  }

  /** So many characters are not held any more; negative when something else is held instead. */
  void release(long characters) {
    boolean more = false;
    synchronized (this) {
      held -= characters;
      if (stalled && held < MAX_HELD / 2) {
        stalled = false;
        more = true;
      }
    }
    WebSocket open = socket;
    if (more && open != null) {
      heard = System.nanoTime();
      open.request(1);
    }
  }

  /** Why it has ended, when it has; messages may be left in the inbox. */
  @Nullable String ended() {
    return ended;
  }

  /** Whether it waits for something to be released, so that nothing can be heard. */
  synchronized boolean stalled() {
    return stalled;
  }

  /** When something was heard of the other node. */
  long heard() {
    return heard;
  }

  /** When something was sent. */
  long sentAt() {
    return sentAt;
  }

  /** Whether what was sent last is out. */
  boolean idle() {
    if (sending.isCompletedExceptionally()) {
      end("cannot be written");
    }
    return sending.isDone();
  }

  void send(String text) {
    WebSocket open = socket;
    if (open != null) {
      sentAt = System.nanoTime();
      sending = open.sendText(text, true);
    }
  }

  /** Says that this side is alive, when an answer could not be heard. */
  void sendPong() {
    WebSocket open = socket;
    if (open != null) {
      sentAt = System.nanoTime();
      sending = open.sendPong(ByteBuffer.allocate(0));
    }
  }

  /** Sends these and says goodbye, in the background and for some seconds at most. */
  void finish(List<String> last) {
    WebSocket open = socket;
    if (open == null) {
      abort();
      return;
    }
    finished = true;
    inbox.clear();
    CompletableFuture<?> chain = sending;
    for (String text : last) {
      chain = chain.thenCompose(done -> open.sendText(text, true));
    }
    var unused =
        chain
            .thenCompose(done -> open.sendClose(WebSocket.NORMAL_CLOSURE, ""))
            .orTimeout(FAREWELL.toMillis(), TimeUnit.MILLISECONDS)
            .whenComplete(
                (done, failure) -> {
                  if (failure != null) {
                    open.abort();
                  }
                });
    // The other node closes the connection once it has read that.
    CompletableFuture.delayedExecutor(2 * FAREWELL.toMillis(), TimeUnit.MILLISECONDS, Runnable::run)
        .execute(open::abort);
    release(Integer.MAX_VALUE);
  }

  /** Gives the connection up at once. */
  void abort() {
    abandoned = true;
    WebSocket open = socket;
    if (open != null) {
      open.abort();
    }
  }
}
