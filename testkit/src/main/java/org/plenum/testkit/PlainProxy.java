package org.plenum.testkit;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A proxy of the kind that knows HTTP only: it refuses every upgrade and passes on all else. On
 * loopback; ended by {@link #close}. Thread-safe.
 */
public final class PlainProxy implements AutoCloseable {
  private static final int MAX_HEAD = 64 * 1024;
  private static final byte[] REFUSAL =
      "HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
          .getBytes(StandardCharsets.US_ASCII);

  private final ServerSocket listener;
  private final int target;
  private final Set<Socket> open = ConcurrentHashMap.newKeySet();
  private final AtomicInteger refused = new AtomicInteger();

  private PlainProxy(ServerSocket listener, int target) {
    this.listener = listener;
    this.target = target;
  }

  /** Starts a proxy before a port of this machine. */
  public static PlainProxy before(int target) {
    try {
      PlainProxy proxy =
          new PlainProxy(new ServerSocket(0, 50, InetAddress.getLoopbackAddress()), target);
      Thread.ofVirtual().start(proxy::accept);
      return proxy;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The port to connect to. */
  public int port() {
    return listener.getLocalPort();
  }

  /** Upgrades refused so far. */
  public int refused() {
    return refused.get();
  }

  private void accept() {
    while (!listener.isClosed()) {
      try {
        Socket client = listener.accept();
        open.add(client);
        Thread.ofVirtual().start(() -> serve(client));
      } catch (IOException e) {
        return;
      }
    }
  }

  private void serve(Socket client) {
    try (client;
        Socket server = new Socket(InetAddress.getLoopbackAddress(), target)) {
      open.add(server);
      byte[] head = head(client.getInputStream());
      if (new String(head, StandardCharsets.ISO_8859_1)
          .toLowerCase(Locale.ROOT)
          .contains("\r\nupgrade: websocket")) {
        refused.incrementAndGet();
        client.getOutputStream().write(REFUSAL);
        return;
      }
      server.getOutputStream().write(head);
      Thread back = Thread.ofVirtual().start(() -> pass(server, client));
      pass(client, server);
      back.join();
    } catch (IOException e) {
      // One side is gone: so is the connection.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      open.remove(client);
    }
  }

  /** The first request's head; a browser opens a connection of its own for an upgrade. */
  private static byte[] head(InputStream in) throws IOException {
    ByteArrayOutputStream head = new ByteArrayOutputStream();
    int matched = 0;
    while (matched < 4 && head.size() < MAX_HEAD) {
      int next = in.read();
      if (next < 0) {
        throw new IOException("closed before its request");
      }
      head.write(next);
      boolean fits = next == (matched % 2 == 0 ? '\r' : '\n');
      matched = fits ? matched + 1 : next == '\r' ? 1 : 0;
    }
    return head.toByteArray();
  }

  private static void pass(Socket from, Socket to) {
    try {
      from.getInputStream().transferTo(to.getOutputStream());
    } catch (IOException e) {
      // As above.
    } finally {
      try {
        to.close();
        from.close();
      } catch (IOException e) {
        // Closed already.
      }
    }
  }

  @Override
  public void close() {
    try {
      listener.close();
      for (Socket socket : open) {
        socket.close();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
