package org.plenum.web.push;

import jakarta.servlet.ReadListener;
import jakarta.servlet.ServletInputStream;
import jakarta.servlet.ServletOutputStream;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * The WebSocket of a {@link ReportStream}. The container's threads read what the peer says into a
 * bounded queue, from which the stream's own thread takes it; what the peer is told goes out by
 * whoever says it, or by the container. It knows how the connection ended: in order, when one side
 * has said that it goes or this side ends it, or without a word. Thread-safe.
 */
final class ReportStreamSocket implements ReadListener, FrameDecoder.Events, Outbound.Listener {
  private static final Logger LOG = Logger.getLogger(ReportStreamSocket.class.getName());
  private static final int WAITING_FRAMES = 1_024;
  private static final int FRAME_BYTES = 16 * 1024;
  private static final int QUEUE_BYTES = 16 << 20;
  private static final int BACKLOG_BYTES = 1 << 20;

  /** How long a peer has to read the last frames. */
  private static final Duration FAREWELL = Duration.ofSeconds(5);

  private final String group;
  private final boolean inner;
  private final FrameDecoder decoder = new FrameDecoder(FRAME_BYTES);
  private final BlockingQueue<ProcessingFrame> said = new ArrayBlockingQueue<>(WAITING_FRAMES);
  private final CountDownLatch closed = new CountDownLatch(1);
  private @Nullable Outbound outbound;
  private @Nullable ServletInputStream input;
  private boolean broken;
  private volatile boolean dead;

  /** One side has said that it goes, or this side ends it. */
  private volatile boolean parted;

  /** The peer is gone without a word. */
  private volatile boolean vanished;

  private volatile long heard = System.nanoTime();

  /**
   * A socket that is not connected yet.
   *
   * @param group whose stream it is, for the log
   * @param inner whether the peer is another node
   */
  ReportStreamSocket(String group, boolean inner) {
    this.group = group;
    this.inner = inner;
  }

  /** From here on it can be written to. */
  void write(Sink sink, ServletOutputStream out) {
    Outbound made = new Outbound(sink, Frame.Framing.WEB_SOCKET, QUEUE_BYTES, WAITING_FRAMES, this);
    outbound = made;
    out.setWriteListener(made);
  }

  /** From here on it is read, by the container. */
  void read(ServletInputStream in) {
    input = in;
    synchronized (this) {
      in.setReadListener(this);
    }
  }

  /**
   * Ends it at once.
   *
   * @return false when it was not connected yet
   */
  boolean kill() {
    parted = true;
    return drop();
  }

  private boolean drop() {
    dead = true;
    Outbound made = outbound;
    if (made == null) {
      return false;
    }
    made.kill();
    return true;
  }

  /** The connection is gone. */
  private void vanish() {
    withoutAWord();
    boolean unused = drop();
  }

  /**
   * The peer has left without saying so, unless one side had parted. No report ends a node that
   * passes it on; that node says so when it has lost its peer.
   */
  void withoutAWord() {
    if (!inner && !parted) {
      vanished = true;
    }
  }

  /**
   * Another node says that it has lost the peer that it has this stream for.
   *
   * @return false when this peer is no node, which may not say so
   */
  boolean peerLost() {
    if (inner) {
      vanished = true;
    }
    return inner;
  }

  /** Whether the peer is gone without a word. */
  boolean vanished() {
    return vanished;
  }

  /** Whether nothing more is to be read or written but what waits. */
  boolean dead() {
    return dead;
  }

  /** When the peer was heard last, in nanoseconds of {@link System#nanoTime}. */
  long heard() {
    return heard;
  }

  /** What the peer said next, or null; also what it had said before it went. */
  @Nullable ProcessingFrame poll() {
    return said.poll();
  }

  /** The same, with a wait. */
  @Nullable ProcessingFrame poll(Duration wait) throws InterruptedException {
    return said.poll(wait.toNanos(), TimeUnit.NANOSECONDS);
  }

  /** Whether so much waits for the peer that reports have to wait. */
  boolean backlogged() {
    Outbound made = outbound;
    return made == null || made.queuedBytes() >= BACKLOG_BYTES;
  }

  /** Sends a frame; a peer that does not read what waits is dropped. */
  void send(Frame frame) {
    Outbound made = outbound;
    if (made == null) {
      return;
    }
    if (!made.offerAlways(frame)) {
      LOG.log(Level.INFO, "the processing server of {0} is too slow", group);
      boolean unused = kill();
      return;
    }
    pump(made);
  }

  /** Sends a last frame and closes. */
  void bye(String json, String reason) {
    parted = true;
    send(Frame.text(json));
    close(CloseCode.POLICY_VIOLATION, reason, false);
  }

  /** A peer that does not read the last frames keeps its socket for a while only. */
  void farewell(Duration silence) {
    Outbound made = outbound;
    if (made == null) {
      return;
    }
    long patience = Math.min(FAREWELL.toNanos(), silence.toNanos());
    try {
      if (!closed.await(patience, TimeUnit.NANOSECONDS)) {
        made.kill();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      made.kill();
    }
  }

  private void close(int code, String reason, boolean dropBacklog) {
    Outbound made = outbound;
    if (made != null) {
      made.end(Frame.control(WebSocketFrames.close(code, reason)), dropBacklog, true);
      pump(made);
    }
  }

  private static void pump(Outbound made) {
    byte[] scratch = ScratchBuffers.take();
    try {
      made.pump(scratch);
    } finally {
      ScratchBuffers.giveBack(scratch);
    }
  }

  // ---- the container's threads

  @Override
  public synchronized void onDataAvailable() {
    ServletInputStream in = input;
    if (in == null) {
      return;
    }
    byte[] buffer = ScratchBuffers.take();
    try {
      while (in.isReady()) {
        int length = in.read(buffer);
        if (length < 0) {
          vanish();
          return;
        }
        heard = System.nanoTime();
        if (!broken) {
          decoder.feed(buffer, 0, length, this);
        }
      }
    } catch (ProtocolViolation e) {
      broken = true;
      parted = true;
      close(e.closeCode(), e.reason(), false);
      dead = true;
    } catch (IOException | IllegalStateException e) {
      // The peer is gone, or the container took the stream back because it is.
      vanish();
    } finally {
      ScratchBuffers.giveBack(buffer);
    }
  }

  @Override
  public void onAllDataRead() {
    vanish();
  }

  @Override
  public void onError(Throwable failure) {
    vanish();
  }

  @Override
  public void onText(byte[] utf8, int length) throws ProtocolViolation {
    if (!said.offer(ProcessingFrame.parse(utf8, length))) {
      throw new ProtocolViolation(CloseCode.POLICY_VIOLATION, "too many frames at once");
    }
  }

  @Override
  public void onBinary() throws ProtocolViolation {
    throw new ProtocolViolation(CloseCode.UNSUPPORTED_DATA, "text only");
  }

  @Override
  public void onPing(byte[] payload) {
    send(Frame.control(WebSocketFrames.pong(payload)));
  }

  @Override
  public void onPong() {
    // Any traffic shows that the peer is alive.
  }

  @Override
  public void onClose(int code) {
    parted = true;
    close(code, "", true);
    dead = true;
  }

  // ---- the sending side

  @Override
  public void onDrained() {
    // Nothing was held back: the stream's thread looks at what waits before it sends more.
  }

  @Override
  public void onDead() {
    withoutAWord(); // unless this side ends it, it cannot be written to
    dead = true;
    closed.countDown();
  }

  @Override
  public void onWritten(int bytes) {
    // Counted as reports, by the group's own figures.
  }
}
