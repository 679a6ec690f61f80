package org.plenum.bench.net;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;

/**
 * One thread that serves many connections. Everything of a connection happens on its loop's thread;
 * other threads hand in work with {@link #execute}.
 */
public final class EventLoop implements Runnable, AutoCloseable {
  /** Work at a steady pace, called on every turn of the loop. */
  public interface Pacer {
    /** Does what is due and returns the nanoseconds until it wants to be called again. */
    long turn(long nowNanos);
  }

  private final Selector selector;
  private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();
  private final Thread thread;
  private volatile boolean running = true;
  private @Nullable Pacer pacer;

  /** A started loop. */
  public EventLoop(String name) {
    try {
      this.selector = Selector.open();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    this.thread = Thread.ofPlatform().name(name).daemon().unstarted(this);
    thread.start();
  }

  /** Runs the task on the loop's thread, soon. */
  public void execute(Runnable task) {
    tasks.add(task);
    selector.wakeup();
  }

  /** Sets or, with null, takes away the pacer. */
  public void pace(@Nullable Pacer newPacer) {
    execute(() -> pacer = newPacer);
  }

  /** Connects to loopback; the connection is told on the loop's thread. */
  public void connect(Connection connection, int port) {
    execute(
        () -> {
          try {
            SocketChannel channel = SocketChannel.open();
            channel.configureBlocking(false);
            channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
            SelectionKey key = channel.register(selector, SelectionKey.OP_CONNECT, connection);
            connection.attach(this, channel, key);
            channel.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
          } catch (IOException e) {
            connection.fail(e);
          }
        });
  }

  @Override
  public void run() {
    try {
      while (running) {
        long wait = pacer == null ? 1_000_000_000L : pacer.turn(System.nanoTime());
        selector.select(EventLoop::handle, Math.max(1, wait / 1_000_000));
        for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
          task.run();
        }
      }
      for (SelectionKey key : selector.keys()) {
        key.channel().close();
      }
      selector.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void handle(SelectionKey key) {
    Connection connection = (Connection) key.attachment();
    try {
      connection.ready();
    } catch (IOException | RuntimeException e) {
      connection.fail(e);
    }
  }

  /** Closes all connections and ends the thread. */
  @Override
  public void close() {
    running = false;
    selector.wakeup();
    try {
      thread.join(5_000);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
