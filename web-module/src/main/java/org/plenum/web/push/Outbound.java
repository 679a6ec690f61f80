package org.plenum.web.push;

import jakarta.servlet.WriteListener;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Iterator;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * The bounded queue of frames of one socket and the state machine that writes it without ever
 * blocking. Any thread may queue, and any thread may pump; one at a time does. What waits is joined
 * into one write and one flush. Thread-safe.
 *
 * <p>States: IDLE, nobody writes and there is nothing or somebody will pump; PUMPING, one thread
 * owns the sink; NOTIFIED, the same, and the container has called back meanwhile; WAITING, the
 * container's callback goes on; CLOSED, the sink is closed or being closed.
 */
final class Outbound implements WriteListener {
  /** Largest write; also the size of the scratch buffers. */
  static final int CHUNK = 64 * 1024;

  private static final int IDLE = 0;
  private static final int PUMPING = 1;
  private static final int NOTIFIED = 2;
  private static final int WAITING = 3;
  private static final int CLOSED = 4;

  /** What the queue reports; called without any lock. */
  interface Listener {
    /** A backlog that made {@link Outbound#offer} refuse frames is gone. */
    void onDrained();

    /** The sink failed or the socket was ended: nothing is written any more. Called once. */
    void onDead();

    /** Bytes were handed to the container. */
    void onWritten(int bytes);
  }

  private final AtomicInteger state = new AtomicInteger(IDLE);
  private final Sink sink;
  private final Frame.Framing framing;
  private final int maxBytes;
  private final int maxFrames;
  private final Listener listener;

  private final ArrayDeque<Frame> queue = new ArrayDeque<>(0);
  private int queuedBytes;
  private long backlogSince;
  private boolean refused;

  /** How often frames were dropped from the queue. */
  private int drops;

  /** Whether something was queued after the last checkpoint. */
  private boolean beyondCheckpoint;

  private boolean ending;
  private boolean closeWhenDrained;

  /** Owned by the pumping thread. */
  private boolean unflushed;

  private volatile boolean dead;

  Outbound(Sink sink, Frame.Framing framing, int maxBytes, int maxFrames, Listener listener) {
    this.sink = sink;
    this.framing = framing;
    this.maxBytes = maxBytes;
    this.maxFrames = maxFrames;
    this.listener = listener;
  }

  /** Queues a frame of a group; false when the bound does not allow it. */
  boolean offer(Frame frame) {
    int size = frame.bytes(framing).length;
    synchronized (queue) {
      if (ending || dead) {
        return true;
      }
      if (queuedBytes + size > maxBytes || queue.size() >= maxFrames) {
        refused = true;
        return false;
      }
      add(frame, size);
    }
    return true;
  }

  /**
   * Queues an answer or another frame that must not be dropped; false when even twice the bound is
   * used up: the socket is beyond help.
   */
  boolean offerAlways(Frame frame) {
    int size = frame.bytes(framing).length;
    synchronized (queue) {
      if (ending || dead) {
        return true;
      }
      if (queuedBytes + size > 2L * maxBytes || queue.size() >= 2 * maxFrames) {
        return false;
      }
      add(frame, size);
    }
    return true;
  }

  /**
   * Queues a checkpoint unless frames were dropped since the count was taken: what it stands for
   * may be among them. True when it was queued.
   */
  boolean offerCheckpoint(Frame checkpoint, int dropsBefore) {
    int size = checkpoint.bytes(framing).length;
    synchronized (queue) {
      if (ending
          || dead
          || drops != dropsBefore
          || queuedBytes + size > maxBytes
          || queue.size() >= maxFrames) {
        return false;
      }
      add(checkpoint, size);
      beyondCheckpoint = false;
      return true;
    }
  }

  /** How often frames were dropped from the queue so far. */
  int drops() {
    synchronized (queue) {
      return drops;
    }
  }

  /** Whether something was queued after the last checkpoint. */
  boolean beyondCheckpoint() {
    synchronized (queue) {
      return beyondCheckpoint;
    }
  }

  private void add(Frame frame, int size) {
    if (queue.isEmpty()) {
      backlogSince = System.nanoTime();
    }
    beyondCheckpoint = true;
    queue.add(frame);
    queuedBytes += size;
  }

  /** Drops what waits of a group, and every position that stands for it. */
  void purge(GroupChannel group) {
    synchronized (queue) {
      drops++;
      beyondCheckpoint = true;
      for (Iterator<Frame> frames = queue.iterator(); frames.hasNext(); ) {
        Frame frame = frames.next();
        if (frame.group() == group || frame.positioned()) {
          frames.remove();
          queuedBytes -= frame.bytes(framing).length;
        }
      }
    }
  }

  /**
   * Queues the last frame: nothing is taken after it.
   *
   * @param dropBacklog whether what waits is dropped
   * @param thenClose whether the sink is closed once the frame is out, without waiting for the peer
   */
  void end(@Nullable Frame last, boolean dropBacklog, boolean thenClose) {
    synchronized (queue) {
      if (dead) {
        return;
      }
      closeWhenDrained |= thenClose;
      if (ending) {
        return;
      }
      ending = true;
      if (dropBacklog) {
        queue.clear();
        queuedBytes = 0;
      }
      if (last != null) {
        add(last, last.bytes(framing).length);
      }
    }
  }

  /** Nanoseconds for which frames have waited without a break; 0 when none wait. */
  long backlogNanos(long now) {
    synchronized (queue) {
      return queue.isEmpty() ? 0 : Math.max(1, now - backlogSince);
    }
  }

  /** Bytes that wait. */
  int queuedBytes() {
    synchronized (queue) {
      return queuedBytes;
    }
  }

  /** Writes what waits unless another thread is at it; never blocks. */
  void pump(byte[] scratch) {
    if (state.get() == IDLE && state.compareAndSet(IDLE, PUMPING)) {
      drain(scratch);
    }
  }

  /** Gives up the socket: what waits is dropped, the sink is closed by whoever owns it. */
  void kill() {
    boolean first;
    synchronized (queue) {
      first = !dead;
      dead = true;
      queue.clear();
      queuedBytes = 0;
    }
    if (first) {
      listener.onDead();
    }
    if (state.compareAndSet(IDLE, CLOSED) || state.compareAndSet(WAITING, CLOSED)) {
      sink.close();
    }
  }

  @Override
  public void onWritePossible() {
    while (true) {
      int now = state.get();
      switch (now) {
        case WAITING, IDLE -> {
          if (state.compareAndSet(now, PUMPING)) {
            byte[] scratch = ScratchBuffers.take();
            try {
              drain(scratch);
            } finally {
              ScratchBuffers.giveBack(scratch);
            }
            return;
          }
        }
        case PUMPING -> {
          if (state.compareAndSet(PUMPING, NOTIFIED)) {
            return;
          }
        }
        default -> {
          return;
        }
      }
    }
  }

  @Override
  public void onError(Throwable failure) {
    kill();
  }

  /** Entered in state PUMPING; left in any other. */
  private void drain(byte[] scratch) {
    try {
      do {
        if (!writeAll(scratch)) {
          return;
        }
        afterDrained();
        state.set(IDLE);
      } while (!dead && hasWork() && state.compareAndSet(IDLE, PUMPING));
    } catch (IOException | RuntimeException e) {
      // The peer is gone, or the container took the stream back: there is no one to tell.
      state.set(CLOSED);
      kill();
      sink.close();
      return;
    }
    if (dead && state.compareAndSet(IDLE, CLOSED)) {
      sink.close();
    }
  }

  /** False when the container will call back, and somebody else may own the sink by now. */
  private boolean writeAll(byte[] scratch) throws IOException {
    while (!dead && hasWork()) {
      if (!sink.ready()) {
        if (state.compareAndSet(PUMPING, WAITING)) {
          if (dead && state.compareAndSet(WAITING, CLOSED)) {
            sink.close();
          }
          return false;
        }
        // The callback has overtaken us: it was swallowed, so ask again.
        state.set(PUMPING);
        continue;
      }
      writeOnce(scratch);
    }
    return true;
  }

  private void afterDrained() {
    boolean room;
    boolean last;
    synchronized (queue) {
      room = queue.isEmpty() && refused;
      last = queue.isEmpty() && closeWhenDrained && !dead;
      if (room) {
        refused = false;
      }
      if (last) {
        dead = true;
      }
    }
    if (last) {
      listener.onDead();
    } else if (room) {
      listener.onDrained();
    }
  }

  private boolean hasWork() {
    if (unflushed) {
      return true;
    }
    synchronized (queue) {
      return !queue.isEmpty();
    }
  }

  private void writeOnce(byte[] scratch) throws IOException {
    byte[] bytes = scratch;
    int length = 0;
    synchronized (queue) {
      Frame first = queue.poll();
      if (first != null) {
        bytes = first.bytes(framing);
        length = bytes.length;
        Frame next = queue.peek();
        if (next != null && length + next.bytes(framing).length <= CHUNK) {
          System.arraycopy(bytes, 0, scratch, 0, length);
          bytes = scratch;
          length = joinMore(scratch, length);
        }
        queuedBytes -= length;
      }
    }
    if (length == 0) {
      sink.flush();
      unflushed = false;
      return;
    }
    sink.write(bytes, 0, length);
    unflushed = true;
    listener.onWritten(length);
  }

  private int joinMore(byte[] scratch, int used) {
    int length = used;
    for (Frame next = queue.peek(); next != null; next = queue.peek()) {
      byte[] bytes = next.bytes(framing);
      if (length + bytes.length > CHUNK) {
        break;
      }
      System.arraycopy(bytes, 0, scratch, length, bytes.length);
      length += bytes.length;
      queue.poll();
    }
    return length;
  }
}
