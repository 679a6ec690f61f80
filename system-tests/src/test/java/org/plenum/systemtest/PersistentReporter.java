package org.plenum.systemtest;

import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.plenum.testkit.RestClient;

/**
 * Reports list after list and does not give up: what has no answer, or one that says so, is sent
 * again with the same keys. {@link #run} ends when it is told to and its last list is acknowledged.
 */
final class PersistentReporter implements Runnable {
  private static final Duration PAUSE = Duration.ofMillis(50);

  private final RestClient client;
  private final String source;
  private final int listSize;
  private final BooleanSupplier stopped;
  private final List<String> acknowledged = new ArrayList<>();
  private final AtomicInteger count = new AtomicInteger();
  private final AtomicInteger sentAgain = new AtomicInteger();

  PersistentReporter(RestClient client, String source, int listSize, BooleanSupplier stopped) {
    this.client = client;
    this.source = source;
    this.listSize = listSize;
    this.stopped = stopped;
  }

  String source() {
    return source;
  }

  /** How many were acknowledged so far; callable from other threads. */
  int count() {
    return count.get();
  }

  /** How many lists were sent again. */
  int sentAgain() {
    return sentAgain.get();
  }

  /** The keys in the order of their acknowledgements; call when {@link #run} has returned. */
  List<String> acknowledged() {
    return List.copyOf(acknowledged);
  }

  @Override
  public void run() {
    for (int n = 0; !stopped.getAsBoolean(); n += listSize) {
      List<Map<String, Object>> list = new ArrayList<>();
      for (int i = n; i < n + listSize; i++) {
        list.add(Reported.report(source, "k" + i, "kill"));
      }
      while (!sent(list)) {
        sentAgain.incrementAndGet();
        LockSupport.parkNanos(PAUSE.toNanos());
      }
      list.forEach(report -> acknowledged.add((String) report.get("businessKey")));
      count.addAndGet(listSize);
    }
  }

  private boolean sent(List<Map<String, Object>> list) {
    try {
      RestClient.Reply reply = client.post("/reports", list);
      if (reply.status() != 200) {
        return false;
      }
      reply
          .body()
          .path("items")
          .forEach(
              item -> {
                if (!item.path("accepted").asBoolean()) {
                  throw new AssertionError("refused: " + item);
                }
              });
      return true;
    } catch (UncheckedIOException | IllegalStateException e) {
      return false;
    }
  }
}
