package org.plenum.systemtest;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.plenum.testkit.RestClient;

/**
 * A client that changes node with each request and carries its position along, as each answer gave
 * it. It follows a group that others write to, and writes to and reads from one of its own. What
 * would be a step back in time is a violation: a position that is lower than the one it brought, an
 * entry that it has seen and that is gone or another one, a gap, a write of its own that is not
 * there. A node that does not answer is no violation: it goes on at the next one.
 */
final class Wanderer implements Runnable {
  private static final String POSITION = "Plenum-Position";
  private static final Duration PAUSE = Duration.ofMillis(30);
  private static final int WRITES_EVERY = 4;

  /** What a node may answer while it, the leader or the database is away. */
  private static final Set<String> AWAY =
      Set.of("READ_UNAVAILABLE", "WRITER_UNAVAILABLE", "WRITER_BUSY", "TIMEOUT");

  private final List<RestClient> nodes;
  private final String group;
  private final String own;
  private final Random random;
  private final BooleanSupplier stopped;
  private final AtomicIntegerArray reads;
  private final AtomicInteger writes = new AtomicInteger();
  private final AtomicInteger away = new AtomicInteger();
  private final Queue<String> violations = new ConcurrentLinkedQueue<>();
  private int turn;
  private long position;
  private final Followed others = new Followed();
  private final Followed mine = new Followed();

  /** The last entry seen of a group. */
  private static final class Followed {
    private long seq;
    private String clientId = "";
  }

  /**
   * A wanderer that has seen nothing.
   *
   * @param nodes the same person at each node
   * @param group that others write to
   * @param own that nobody else writes to
   */
  Wanderer(List<RestClient> nodes, String group, String own, long seed, BooleanSupplier stopped) {
    this.nodes = List.copyOf(nodes);
    this.group = group;
    this.own = own;
    this.random = new Random(seed);
    this.stopped = stopped;
    this.reads = new AtomicIntegerArray(nodes.size());
  }

  /** Answered reads at each node so far; callable from other threads. */
  List<Integer> reads() {
    List<Integer> counts = new ArrayList<>();
    for (int i = 0; i < reads.length(); i++) {
      counts.add(reads.get(i));
    }
    return counts;
  }

  /** Its own writes that were acknowledged and then looked for; callable from other threads. */
  int writes() {
    return writes.get();
  }

  /** How often a node did not answer; callable from other threads. */
  int away() {
    return away.get();
  }

  /** Steps back in time so far; callable from other threads. */
  List<String> violations() {
    return List.copyOf(violations);
  }

  @Override
  public void run() {
    for (int n = 0; !stopped.getAsBoolean(); n++) {
      if (n % WRITES_EVERY == 0) {
        write("own " + n);
        follow(own, mine);
      } else {
        follow(group, others);
      }
      LockSupport.parkNanos(random.nextLong(PAUSE.toNanos()));
    }
  }

  /** The same write at one node after the other until it is acknowledged. */
  private void write(String text) {
    UUID id = UUID.randomUUID();
    while (!stopped.getAsBoolean()) {
      int at = next();
      RestClient.Reply reply =
          send(
              at,
              "POST",
              "/groups/" + own + "/messages",
              Map.of("text", text),
              Map.of("Idempotency-Key", id.toString(), POSITION, Long.toString(position)));
      if (reply != null && (reply.status() == 200 || reply.status() == 201)) {
        advance(at, reply);
        long seq = reply.body().path("seq").asLong();
        if (seq <= mine.seq) {
          violate(at, "my write got the sequence " + seq + " after " + mine.seq);
        }
        mine.seq = seq;
        mine.clientId = id.toString();
        writes.incrementAndGet();
        return;
      }
      LockSupport.parkNanos(PAUSE.toNanos());
    }
  }

  /** Reads on from the last entry that was seen, which must be there still. */
  private void follow(String which, Followed followed) {
    int at = next();
    long from = Math.max(1, followed.seq);
    RestClient.Reply reply =
        send(
            at,
            "GET",
            "/groups/" + which + "/entries?limit=200&from=" + from,
            null,
            Map.of(POSITION, Long.toString(position)));
    if (reply == null || reply.status() != 200) {
      return;
    }
    reads.incrementAndGet(at);
    advance(at, reply);
    JsonNode entries = reply.body().path("entries");
    long expected = from;
    for (JsonNode entry : entries) {
      long seq = entry.path("seq").asLong();
      if (seq != expected++) {
        violate(at, "entry " + seq + " where " + (expected - 1) + " must be");
        return;
      }
    }
    if (followed.seq > 0) {
      JsonNode seen = entries.path(0);
      if (seen.isMissingNode()) {
        violate(at, "nothing from " + from + ", which was seen");
        return;
      }
      if (!seen.path("clientId").asText().equals(followed.clientId)) {
        violate(at, "another entry " + from + " than was seen: " + seen);
      }
    }
    if (!entries.isEmpty()) {
      JsonNode last = entries.get(entries.size() - 1);
      followed.seq = last.path("seq").asLong();
      followed.clientId = last.path("clientId").asText();
    }
  }

  private int next() {
    return turn++ % nodes.size();
  }

  private void advance(int at, RestClient.Reply reply) {
    long now = reply.headers().firstValueAsLong(POSITION).orElse(-1);
    if (now < position) {
      violate(at, "position " + now + " after " + position);
    }
    position = Math.max(position, now);
  }

  private void violate(int at, String what) {
    violations.add("at node " + (at + 1) + ": " + what + "; the position is " + position);
  }

  private RestClient.@Nullable Reply send(
      int at, String method, String path, @Nullable Object body, Map<String, String> headers) {
    try {
      RestClient.Reply reply = nodes.get(at).send(method, path, body, headers);
      boolean answered = reply.status() == 200 || reply.status() == 201;
      if (!answered) {
        away.incrementAndGet();
        // Without a code it is not our application that answers: the server starts.
        if (!reply.code().isEmpty() && !AWAY.contains(reply.code())) {
          violate(at, reply.status() + " " + reply.text());
        }
      }
      return reply;
    } catch (UncheckedIOException e) {
      away.incrementAndGet();
      return null;
    } catch (IllegalStateException e) {
      if (stopped.getAsBoolean()) {
        return null;
      }
      throw e;
    }
  }
}
