package org.plenum.bench.queue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.HdrHistogram.ConcurrentHistogram;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/**
 * The report queue, the raw disk and the peers in one run: 1 KB messages, durable acknowledgements,
 * one producer and one consumer, so many in flight. Every message is checked: there, once, in
 * order.
 */
public final class QueueBench {
  private static final int BYTES = 1_024;
  private static final int RECORD = 36 + 5 + BYTES;
  private static final double SECONDS =
      Double.parseDouble(System.getProperty("bench.seconds", "8"));
  private static final double WARM_UP =
      Double.parseDouble(System.getProperty("bench.queue.warmup", "4"));
  private static final long TICK_NANOS = 250_000;
  private static final List<Integer> IN_FLIGHT = List.of(1, 16, 64, 1_024);

  private final Path work;
  private final StringBuilder table = new StringBuilder();

  private QueueBench(Path work) {
    this.work = work;
  }

  /** What a peer reached. */
  private record Result(double rate, Histogram latency) {}

  private interface Maker {
    DurableQueue make(Path folder, int inFlight) throws Exception;
  }

  /** Entry point: names of what is measured, all when there is none. */
  public static void main(String[] arguments) throws Exception {
    Path work = Path.of(System.getProperty("plenum.work")).resolve("queue");
    new QueueBench(work).run(List.of(arguments));
  }

  private void run(List<String> wanted) throws Exception {
    Map<String, Maker> peers = new LinkedHashMap<>();
    peers.put("plenum", (folder, inFlight) -> new PlenumQueue(folder));
    peers.put("artemis", (folder, inFlight) -> new ArtemisQueue(folder));
    if (RabbitQueue.isPossible()) {
      peers.put("rabbitmq", (folder, inFlight) -> new RabbitQueue(folder));
    }
    peers.put("openmq", QueueBench::openMq);
    say("| in flight | what | messages/s end to end | ack p50 ms | ack p99 ms | of the raw disk |");
    say("| --: | --- | --: | --: | --: | --: |");
    for (int inFlight : IN_FLIGHT) {
      double raw = raw(inFlight);
      say("| %d | raw disk | %,.0f | | | |", inFlight, raw);
      for (Map.Entry<String, Maker> peer : peers.entrySet()) {
        if (wanted.isEmpty() || wanted.contains(peer.getKey())) {
          Result result = measured(peer.getKey(), peer.getValue(), inFlight);
          if (result == null) {
            continue;
          }
          say(
              "| %d | %s | %,.0f | %.2f | %.2f | %.0f %% |",
              inFlight,
              peer.getKey(),
              result.rate(),
              result.latency().getValueAtPercentile(50) / 1e6,
              result.latency().getValueAtPercentile(99) / 1e6,
              100 * result.rate() / raw);
          if (peer.getKey().equals("plenum") && inFlight == 64) {
            halfLoad(peer.getValue(), result.rate() / 2);
          }
        }
      }
    }
    Path out = Path.of(System.getProperty("bench.out"));
    Files.createDirectories(out);
    Files.writeString(out.resolve("queue.md"), table.toString());
  }

  private static DurableQueue openMq(Path folder, int inFlight) throws Exception {
    return new OpenMqQueue(
        Path.of(System.getProperty("plenum.payara.home")),
        Path.of(System.getProperty("plenum.project")),
        folder,
        inFlight);
  }

  private void say(String format, Object... values) {
    String line = values.length == 0 ? format : String.format(Locale.ROOT, format, values);
    System.out.println(line);
    table.append(line).append('\n');
  }

  private double raw(int batch) throws IOException {
    Files.createDirectories(work);
    return RawDisk.rate(work, batch, RECORD, Math.min(SECONDS, 3));
  }

  /** Null when a peer failed, which is said: the others are measured all the same. */
  private @Nullable Result measured(String name, Maker maker, int inFlight) {
    try {
      return closedLoop(name, maker, inFlight);
    } catch (Exception e) {
      if (name.equals("plenum")) {
        throw new IllegalStateException("the report queue itself failed", e);
      }
      say("| %d | %s failed: %s | | | | |", inFlight, name, e);
      return null;
    }
  }

  /** The next message goes as soon as fewer than so many are in flight. */
  private Result closedLoop(String name, Maker maker, int inFlight) throws Exception {
    Path folder = work.resolve(name + "-" + inFlight);
    Histogram latency = new ConcurrentHistogram(TimeUnit.MINUTES.toNanos(1), 2);
    try (DurableQueue queue = maker.make(folder, inFlight)) {
      Checker checker = new Checker(!name.equals("openmq")); // its sessions overtake each other
      queue.consume(checker::take);
      Semaphore room = new Semaphore(inFlight);
      long measured = System.nanoTime() + (long) (WARM_UP * 1e9);
      long end = measured + (long) (SECONDS * 1e9);
      long sent = 0;
      long before = 0;
      boolean warm = false;
      for (long now = System.nanoTime(); now < end; now = System.nanoTime()) {
        if (!warm && now >= measured) {
          warm = true;
          before = checker.received.get();
          latency.reset();
          measured = now;
        }
        room.acquire();
        long start = System.nanoTime();
        queue.send(
            message(sent++),
            () -> {
              latency.recordValue(System.nanoTime() - start);
              room.release();
            });
      }
      double rate = (checker.received.get() - before) * 1e9 / (System.nanoTime() - measured);
      checker.awaitAll(sent);
      return new Result(rate, latency);
    } finally {
      delete(folder);
    }
  }

  /**
   * A message at its time, whatever became of those before. The producer wakes 4,000 times a second
   * at most and sends what is due by then: at a park for each message it takes a core for itself.
   * The time from when a message was due counts.
   */
  private void halfLoad(Maker maker, double rate) throws Exception {
    Path folder = work.resolve("half");
    Histogram latency = new ConcurrentHistogram(TimeUnit.MINUTES.toNanos(1), 2);
    try (DurableQueue queue = maker.make(folder, 64)) {
      Checker checker = new Checker();
      queue.consume(checker::take);
      long begin = System.nanoTime();
      long most = (long) ((WARM_UP + SECONDS) * rate);
      long warm = (long) (WARM_UP * rate);
      for (long sent = 0; sent < most; sent++) {
        long due = begin + (long) (sent * 1e9 / rate);
        if (System.nanoTime() < due) {
          long wake = Math.max(due, System.nanoTime() + TICK_NANOS);
          for (long now = System.nanoTime(); now < wake; now = System.nanoTime()) {
            LockSupport.parkNanos(wake - now);
          }
        }
        if (sent == warm) {
          latency.reset();
        }
        queue.send(message(sent), () -> latency.recordValue(System.nanoTime() - due));
      }
      checker.awaitAll(most);
    } finally {
      delete(folder);
    }
    say(
        "| open | plenum at half of that, %,.0f/s | | %.2f | %.2f | |",
        rate, latency.getValueAtPercentile(50) / 1e6, latency.getValueAtPercentile(99) / 1e6);
  }

  static byte[] message(long number) {
    byte[] body = new byte[BYTES];
    ByteBuffer.wrap(body).putLong(number).putLong(~number);
    return body;
  }

  /** Counts; refuses what is missing, doubled or out of order. */
  static final class Checker {
    private final AtomicLong received = new AtomicLong();
    private final boolean ordered;

    Checker() {
      this(true);
    }

    Checker(boolean ordered) {
      this.ordered = ordered;
    }

    void take(byte[] body) {
      ByteBuffer read = ByteBuffer.wrap(body);
      long number = read.getLong();
      long expected = received.getAndIncrement();
      if (read.getLong() != ~number || ordered && number != expected) {
        System.err.println("message " + number + " where " + expected + " should be");
        Runtime.getRuntime().halt(3);
      }
    }

    long received() {
      return received.get();
    }

    void awaitAll(long sent) throws InterruptedException {
      long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
      while (received.get() < sent && System.nanoTime() < deadline) {
        Thread.sleep(10);
      }
      if (received.get() != sent) {
        throw new IllegalStateException(sent + " sent, " + received.get() + " received");
      }
    }
  }

  static void delete(Path folder) throws IOException {
    if (Files.exists(folder)) {
      try (Stream<Path> all = Files.walk(folder)) {
        for (Path each : all.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(each);
        }
      }
    }
  }
}
