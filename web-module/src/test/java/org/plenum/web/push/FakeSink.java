package org.plenum.web.push;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * A container stream in memory that can be full, holds back what is not flushed, and fails the test
 * when it is used against its rules.
 */
final class FakeSink implements Sink {
  private final ByteArrayOutputStream buffered = new ByteArrayOutputStream();
  private final ByteArrayOutputStream sent = new ByteArrayOutputStream();
  private boolean full;
  private boolean closed;
  private boolean broken;
  private boolean asked;
  private boolean waiting;
  private int writes;
  private @Nullable Outbound outbound;

  void attach(Outbound owner) {
    outbound = owner;
  }

  @Override
  public synchronized boolean ready() throws IOException {
    if (broken) {
      throw new IOException("broken");
    }
    if (full) {
      waiting = true;
      return false;
    }
    asked = true;
    return true;
  }

  @Override
  public synchronized void write(byte[] bytes, int offset, int length) {
    mayWrite();
    writes++;
    buffered.write(bytes, offset, length);
  }

  @Override
  public synchronized void flush() {
    mayWrite();
    sent.writeBytes(buffered.toByteArray());
    buffered.reset();
  }

  private void mayWrite() {
    if (!asked || closed) {
      throw new IllegalStateException("not asked before, or closed");
    }
    asked = false;
  }

  @Override
  public synchronized void close() {
    if (closed) {
      throw new IllegalStateException("closed twice");
    }
    closed = true;
  }

  synchronized void fill() {
    full = true;
  }

  /** Makes room and calls back when somebody waits for it. */
  void makeRoom() {
    boolean call;
    synchronized (this) {
      full = false;
      call = waiting;
      waiting = false;
    }
    if (call && outbound != null) {
      outbound.onWritePossible();
    }
  }

  synchronized void breakDown() {
    broken = true;
  }

  synchronized boolean closed() {
    return closed;
  }

  synchronized int writes() {
    return writes;
  }

  /** What the peer has received. */
  synchronized byte[] sent() {
    return sent.toByteArray();
  }
}
