package org.plenum.bench.net;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/**
 * One TCP connection of an {@link EventLoop}: bytes in, bytes out. Subclasses know the protocol.
 * All methods are called on the loop's thread.
 */
public abstract class Connection {
  private static final int FIRST_BUFFER = 4 * 1024;
  private static final int LARGEST_BUFFER = 16 * 1024 * 1024;

  private @Nullable EventLoop loop;
  private @Nullable SocketChannel channel;
  private @Nullable SelectionKey key;
  private byte[] input = new byte[FIRST_BUFFER];
  private int filled;
  private final Deque<ByteBuffer> output = new ArrayDeque<>();
  private @Nullable Throwable failure;

  /** The TCP connection stands. */
  protected abstract void connected() throws IOException;

  /**
   * Takes whole units from the input.
   *
   * @return the offset of the first byte not taken
   */
  protected abstract int received(byte[] bytes, int from, int to) throws IOException;

  /** The connection ended; null when the server closed it in order. */
  protected abstract void ended(@Nullable Throwable cause);

  final void attach(EventLoop owner, SocketChannel socket, SelectionKey selection) {
    loop = owner;
    channel = socket;
    key = selection;
  }

  final void ready() throws IOException {
    SelectionKey selection = key();
    if (selection.isConnectable()) {
      channel().finishConnect();
      selection.interestOps(SelectionKey.OP_READ);
      connected();
      return;
    }
    if (selection.isValid() && selection.isReadable()) {
      read();
    }
    if (selection.isValid() && selection.isWritable()) {
      flush();
    }
  }

  private void read() throws IOException {
    int count = channel().read(ByteBuffer.wrap(input, filled, input.length - filled));
    if (count < 0) {
      fail(null);
      return;
    }
    filled += count;
    int taken = received(input, 0, filled);
    if (taken > 0) {
      System.arraycopy(input, taken, input, 0, filled - taken);
      filled -= taken;
    }
    if (filled == input.length) {
      if (input.length >= LARGEST_BUFFER) {
        throw new IOException("a unit larger than " + LARGEST_BUFFER + " bytes");
      }
      input = Arrays.copyOf(input, input.length * 4);
    }
  }

  /** Sends the bytes now or when the socket takes them. */
  public final void send(ByteBuffer bytes) {
    try {
      if (output.isEmpty()) {
        channel().write(bytes);
      }
      if (bytes.hasRemaining()) {
        output.add(bytes);
        key().interestOps(SelectionKey.OP_READ | SelectionKey.OP_WRITE);
      }
    } catch (IOException e) {
      fail(e);
    }
  }

  private void flush() throws IOException {
    while (!output.isEmpty()) {
      ByteBuffer first = output.peek();
      channel().write(first);
      if (first.hasRemaining()) {
        return;
      }
      output.poll();
    }
    key().interestOps(SelectionKey.OP_READ);
  }

  /** Ends the connection. */
  public final void fail(@Nullable Throwable cause) {
    if (channel != null && channel.isOpen()) {
      try {
        channel.close();
      } catch (IOException e) {
        failure = e;
      }
      failure = cause;
      ended(cause);
    } else if (channel == null) {
      ended(cause);
    }
  }

  /** The loop that serves this connection. */
  public final EventLoop loop() {
    return present(loop);
  }

  /** Why the connection ended, if it failed. */
  public final @Nullable Throwable failure() {
    return failure;
  }

  private SocketChannel channel() {
    return present(channel);
  }

  private SelectionKey key() {
    return present(key);
  }

  private static <T> T present(@Nullable T value) {
    if (value == null) {
      throw new IllegalStateException("not connected");
    }
    return value;
  }
}
