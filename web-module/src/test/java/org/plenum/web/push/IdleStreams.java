package org.plenum.web.push;

import jakarta.servlet.ReadListener;
import jakarta.servlet.ServletInputStream;
import jakarta.servlet.ServletOutputStream;
import jakarta.servlet.WriteListener;

/** Streams of a container on which nothing ever happens. */
final class IdleStreams {
  private IdleStreams() {}

  /** Says nothing. */
  static final class Input extends ServletInputStream {
    @Override
    public boolean isFinished() {
      return false;
    }

    @Override
    public boolean isReady() {
      return false;
    }

    @Override
    public void setReadListener(ReadListener listener) {}

    @Override
    public int read() {
      throw new IllegalStateException("not ready");
    }
  }

  /** Takes nothing. */
  static final class Output extends ServletOutputStream {
    @Override
    public boolean isReady() {
      return false;
    }

    @Override
    public void setWriteListener(WriteListener listener) {}

    @Override
    public void write(int value) {
      throw new IllegalStateException("not ready");
    }
  }
}
