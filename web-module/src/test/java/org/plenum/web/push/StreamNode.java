package org.plenum.web.push;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import jakarta.servlet.ReadListener;
import jakarta.servlet.ServletInputStream;
import jakarta.servlet.ServletOutputStream;
import jakarta.servlet.WriteListener;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.Base64;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import org.jspecify.annotations.Nullable;
import org.plenum.platform.ServiceException;
import org.plenum.writer.api.WriterIntake;

/**
 * A node with a queue in memory and real sockets: streams of processing servers at {@code
 * /plenum/api/v1/reports/stream}, inner ones at {@link PeerTransport#PATH}. It can die as a process
 * does and come back at another port.
 */
final class StreamNode implements AutoCloseable {
  static final String SECRET = "the secret of this test";
  static final ReportStream.Settings STREAM =
      new ReportStream.Settings(4_096, Duration.ofSeconds(20));
  static final PeerReportSource.Settings INNER =
      new PeerReportSource.Settings(
          128,
          Duration.ofSeconds(10),
          Duration.ofSeconds(5),
          Duration.ofMillis(500),
          Duration.ofSeconds(20));

  final String name;
  final FakeQueue queue = new FakeQueue();

  /** The addresses of all nodes that are up, shared by them. */
  private final Map<String, String> cluster;

  private final PeerReportSource.Settings inner;
  private final boolean old;
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
  private @Nullable ServerSocket server;
  private @Nullable PeerTransport transport;
  private volatile @Nullable ReportStreams streams;

  StreamNode(String name, Map<String, String> cluster) {
    this(name, cluster, INNER, false);
  }

  /**
   * A node that is up.
   *
   * @param old whether its version knows no inner streams
   */
  StreamNode(
      String name, Map<String, String> cluster, PeerReportSource.Settings inner, boolean old) {
    this.name = name;
    this.cluster = cluster;
    this.inner = inner;
    this.old = old;
    start();
  }

  void start() {
    try {
      ServerSocket made = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
      server = made;
      PeerTransport out = new PeerTransport(SECRET, inner.connect(), threads);
      transport = out;
      streams = new ReportStreams(name, queue, this::others, out, STREAM, inner);
      cluster.put(name, "http://127.0.0.1:" + made.getLocalPort());
      threads.execute(() -> accept(made));
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private Map<String, String> others() {
    Map<String, String> others = new HashMap<>(cluster);
    others.remove(name);
    return others;
  }

  String url() {
    return "ws" + cluster.get(name).substring("http".length());
  }

  ReportStreams streams() {
    ReportStreams now = streams;
    if (now == null) {
      throw new IllegalStateException("down");
    }
    return now;
  }

  /** Dies: nothing that is in memory is left but what the journal would have. */
  void kill() {
    try {
      if (server != null) {
        server.close();
      }
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
    for (Socket socket : sockets) {
      try {
        socket.setSoLinger(true, 0);
        socket.close();
      } catch (IOException e) {
        // It is closed already.
      }
    }
    queue.crash();
    streams().running().forEach(ReportStream::kill);
    if (transport != null) {
      transport.close();
    }
    streams = null;
  }

  @Override
  public void close() {
    if (streams != null) {
      kill();
    }
    threads.shutdownNow();
  }

  private void accept(ServerSocket on) {
    try {
      while (true) {
        Socket socket = on.accept();
        sockets.add(socket);
        threads.execute(() -> serve(socket));
      }
    } catch (IOException e) {
      // killed
    }
  }

  private void serve(Socket socket) {
    try (socket) {
      Map<String, String> head = head(socket.getInputStream());
      String target = head.getOrDefault("", "");
      OutputStream out = socket.getOutputStream();
      boolean isInner = target.startsWith(PeerTransport.PATH);
      if (isInner && old) {
        refuse(out, 404, false);
        return;
      }
      if (isInner
          && !SECRET.equals(head.get(WriterIntake.SECRET_HEADER.toLowerCase(Locale.ROOT)))) {
        refuse(out, 403, true);
        return;
      }
      Map<String, String> query = query(target);
      ReportStream stream;
      try {
        stream =
            isInner
                ? streams()
                    .openInner(
                        query.get("group"),
                        query.get("stream"),
                        query.get("take").equals("true"),
                        () -> {})
                : streams()
                    .open(
                        query.get("group"), "all".equals(query.get("queues")), () -> {}, () -> {});
      } catch (ServiceException e) {
        refuse(out, e.code().status(), isInner);
        return;
      }
      out.write(
          ("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                  + "Sec-WebSocket-Accept: "
                  + accept(head.getOrDefault("sec-websocket-key", ""))
                  + "\r\n\r\n")
              .getBytes(ISO_8859_1));
      out.flush();
      Outgoing outgoing = new Outgoing(socket);
      threads.execute(outgoing);
      Incoming incoming = new Incoming();
      stream.start(outgoing, incoming, outgoing.container(), threads);
      incoming.read(socket.getInputStream());
    } catch (IOException | IllegalStateException e) {
      // The peer is gone, or this node was killed.
    } finally {
      sockets.remove(socket);
    }
  }

  private static void refuse(OutputStream out, int status, boolean known) throws IOException {
    out.write(
        ("HTTP/1.1 "
                + status
                + " No\r\n"
                + (known ? PeerTransport.KNOWN_HEADER + ": 1\r\n" : "")
                + "Content-Length: 0\r\nConnection: close\r\n\r\n")
            .getBytes(ISO_8859_1));
    out.flush();
  }

  private static String accept(String key) {
    try {
      return Base64.getEncoder()
          .encodeToString(
              MessageDigest.getInstance("SHA-1")
                  .digest((key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").getBytes(ISO_8859_1)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  private static Map<String, String> query(String target) {
    Map<String, String> query = new HashMap<>();
    for (String each : target.substring(target.indexOf('?') + 1).split("&", -1)) {
      String[] parts = each.split("=", 2);
      query.put(parts[0], parts[1]);
    }
    return query;
  }

  /** The headers in lower case, and the target under the empty name. */
  private static Map<String, String> head(InputStream in) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    while (!bytes.toString(ISO_8859_1).endsWith("\r\n\r\n")) {
      int next = in.read();
      if (next < 0) {
        throw new IOException("no request");
      }
      bytes.write(next);
    }
    Map<String, String> head = new HashMap<>();
    String[] lines = bytes.toString(ISO_8859_1).split("\r\n", -1);
    head.put("", lines[0].split(" ", -1)[1]);
    for (String line : lines) {
      int colon = line.indexOf(": ");
      if (colon > 0) {
        head.put(line.substring(0, colon).toLowerCase(Locale.ROOT), line.substring(colon + 2));
      }
    }
    return head;
  }

  /** The container's stream of what comes; one thread reads and calls back. */
  private static final class Incoming extends ServletInputStream {
    private final byte[] buffer = new byte[8_192];
    private int at;
    private int end;
    private @Nullable ReadListener listener;

    void read(InputStream in) throws IOException {
      ReadListener told = listener;
      if (told == null) {
        throw new IllegalStateException("not started");
      }
      try {
        for (end = in.read(buffer); end > 0; end = in.read(buffer)) {
          at = 0;
          told.onDataAvailable();
        }
        told.onAllDataRead();
      } catch (IOException e) {
        told.onError(e);
        throw e;
      }
    }

    @Override
    public boolean isFinished() {
      return end < 0;
    }

    @Override
    public boolean isReady() {
      return at < end;
    }

    @Override
    public void setReadListener(ReadListener made) {
      listener = made;
    }

    @Override
    public int read() {
      return buffer[at++] & 0xFF;
    }

    @Override
    public int read(byte[] into, int offset, int length) {
      int count = Math.min(length, end - at);
      System.arraycopy(buffer, at, into, offset, count);
      at += count;
      return count;
    }
  }

  /** The container's stream of what goes: one thread writes, and some bytes may wait for it. */
  private static final class Outgoing implements Sink, Runnable {
    private static final int ROOM = 64 * 1024;
    private static final byte[] END = {};

    private final Socket socket;
    private final LinkedBlockingQueue<byte[]> chunks = new LinkedBlockingQueue<>();
    private int queued;
    private boolean asked;
    private boolean broken;
    private @Nullable WriteListener listener;

    Outgoing(Socket socket) {
      this.socket = socket;
    }

    ServletOutputStream container() {
      return new ServletOutputStream() {
        @Override
        public boolean isReady() {
          return false;
        }

        @Override
        public void setWriteListener(WriteListener made) {
          listener = made;
        }

        @Override
        public void write(int octet) {
          throw new IllegalStateException("through the sink");
        }
      };
    }

    @Override
    public void run() {
      try {
        OutputStream out = socket.getOutputStream();
        for (byte[] chunk = chunks.take(); chunk != END; chunk = chunks.take()) {
          out.write(chunk);
          boolean call;
          synchronized (this) {
            queued -= chunk.length;
            call = asked && queued < ROOM;
            asked &= !call;
          }
          WriteListener told = listener;
          if (call && told != null) {
            told.onWritePossible();
          }
        }
        socket.close();
      } catch (IOException e) {
        synchronized (this) {
          broken = true;
        }
        WriteListener told = listener;
        if (told != null) {
          told.onError(e);
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }

    @Override
    public synchronized boolean ready() throws IOException {
      if (broken) {
        throw new IOException("broken");
      }
      asked |= queued >= ROOM;
      return queued < ROOM;
    }

    @Override
    public synchronized void write(byte[] bytes, int offset, int length) {
      byte[] chunk = new byte[length];
      System.arraycopy(bytes, offset, chunk, 0, length);
      queued += length;
      chunks.add(chunk);
    }

    @Override
    public void flush() {
      // The thread writes at once.
    }

    @Override
    public void close() {
      chunks.add(END);
    }
  }
}
