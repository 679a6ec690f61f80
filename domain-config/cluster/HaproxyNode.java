import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Takes a node out of HAProxy, and puts it back, through HAProxy's admin socket.
 *
 * <p>{@code java HaproxyNode.java SOCKET drain|ready NODE SECONDS}: waits for so long. {@code drain} gives the node no new
 * request and no new socket and waits until its requests are done (its sockets stay: the node closes them when it stops);
 * {@code ready} waits until HAProxy has found it ready. 0 s: waits for nothing.
 *
 * <p>Exit codes: 0 done; 1 no answer; 2 refused: no other node would be left; 3 the time is over, and it stays as it was told.
 */
class HaproxyNode {
  private static final long POLL_MILLIS = 250;
  private static final int ANSWER_BYTES = 1 << 20;

  private final UnixDomainSocketAddress socket;
  private final String node;

  HaproxyNode(String socket, String node) {
    this.socket = UnixDomainSocketAddress.of(socket);
    this.node = node;
  }

  public static void main(String[] arguments) {
    HaproxyNode node = new HaproxyNode(arguments[0], arguments[2]);
    Duration limit = Duration.ofSeconds(Long.parseLong(arguments[3]));
    try {
      System.exit(arguments[1].equals("drain") ? node.drain(limit) : node.ready(limit));
    } catch (IOException e) {
      System.err.println("HAProxy does not answer: " + e.getMessage());
      System.exit(1);
    }
  }

  private int drain(Duration limit) throws IOException {
    boolean alone =
        servers("nodes").stream()
            .noneMatch(server -> !server.get("svname").equals(node) && up(server));
    if (alone) {
      System.err.println("no other node is ready, so nobody would answer without " + node);
      return 2;
    }
    tell("set server nodes/" + node + " state drain");
    long end = System.nanoTime() + limit.toNanos();
    long work = atWork();
    while (work > 0 && System.nanoTime() < end) {
      pause();
      work = atWork();
    }
    System.out.println(node + " is drained, " + work + " requests are at work");
    return work == 0 ? 0 : 3;
  }

  private int ready(Duration limit) throws IOException {
    tell("set server nodes/" + node + " state ready");
    long end = System.nanoTime() + limit.toNanos();
    while (!up(own("nodes"))) {
      if (System.nanoTime() >= end) {
        System.out.println(node + " is allowed, and HAProxy says " + own("nodes").get("status"));
        return limit.isZero() ? 0 : 3;
      }
      pause();
    }
    System.out.println(node + " gets requests");
    return 0;
  }

  /** Requests of this node that are not answered yet. */
  private long atWork() throws IOException {
    return Long.parseLong(own("nodes").get("scur")) + Long.parseLong(own("reports").get("scur"));
  }

  private static boolean up(Map<String, String> server) {
    // "UP 1/2" is about to go down; a drained one that is well says "DRAIN".
    return server.get("status").equals("UP");
  }

  private Map<String, String> own(String backend) throws IOException {
    return servers(backend).stream()
        .filter(server -> server.get("svname").equals(node))
        .findFirst()
        .orElseThrow(() -> new IOException("it knows no server " + backend + "/" + node));
  }

  private List<Map<String, String>> servers(String backend) throws IOException {
    List<Map<String, String>> servers = new ArrayList<>();
    String[] names = {};
    for (String line : ask("show stat").split("\n", -1)) {
      String[] cells = line.split(",", -1);
      if (line.startsWith("# ")) {
        names = line.substring(2).split(",", -1);
      } else if (cells[0].equals(backend)
          && !cells[1].equals("FRONTEND")
          && !cells[1].equals("BACKEND")) {
        Map<String, String> server = new HashMap<>();
        for (int i = 0; i < Math.min(names.length, cells.length); i++) {
          server.put(names[i], cells[i]);
        }
        servers.add(server);
      }
    }
    return servers;
  }

  /** A command that says nothing when it is carried out. */
  private void tell(String command) throws IOException {
    String answer = ask(command).strip();
    if (!answer.isEmpty()) {
      throw new IOException("'" + command + "' was answered: " + answer);
    }
  }

  /** HAProxy closes the connection after its answer, and after 10 s without a word (stats timeout). */
  private String ask(String command) throws IOException {
    try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      channel.connect(socket);
      ByteBuffer out = ByteBuffer.wrap((command + "\n").getBytes(StandardCharsets.UTF_8));
      while (out.hasRemaining()) {
        channel.write(out);
      }
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      ByteBuffer in = ByteBuffer.allocate(8_192);
      while (channel.read(in) >= 0) {
        bytes.write(in.array(), 0, in.position());
        in.clear();
        if (bytes.size() > ANSWER_BYTES) {
          throw new IOException("an answer of more than " + ANSWER_BYTES + " bytes");
        }
      }
      return bytes.toString(StandardCharsets.UTF_8);
    }
  }

  private static void pause() throws IOException {
    try {
      Thread.sleep(POLL_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted");
    }
  }
}
