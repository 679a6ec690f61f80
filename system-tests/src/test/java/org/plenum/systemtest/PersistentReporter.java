package org.plenum.systemtest;

import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.plenum.testkit.RestClient;

/**
 * Reports list after list and does not give up: what has no answer, or one that says so, is sent
 * again with the same keys. {@link #run} ends when it is told to and its last list is acknowledged.
 */
final class PersistentReporter extends PersistentSender {
  private static final Duration PAUSE = Duration.ofMillis(50);

  private final Supplier<RestClient> client;
  private final String source;
  private final int listSize;
  private final BooleanSupplier stopped;

  PersistentReporter(RestClient client, String source, int listSize, BooleanSupplier stopped) {
    this(() -> client, source, listSize, stopped);
  }

  /** One that reports to whichever node it is told each time. */
  PersistentReporter(
      Supplier<RestClient> client, String source, int listSize, BooleanSupplier stopped) {
    super(PAUSE);
    this.client = client;
    this.source = source;
    this.listSize = listSize;
    this.stopped = stopped;
  }

  String source() {
    return source;
  }

  @Override
  public void run() {
    for (int n = 0; !stopped.getAsBoolean(); n += listSize) {
      List<Map<String, Object>> list = new ArrayList<>();
      for (int i = n; i < n + listSize; i++) {
        list.add(Reported.report(source, "k" + i, "kill"));
      }
      persist(
          list.stream().map(report -> (String) report.get("businessKey")).toList(),
          () -> sent(list));
    }
  }

  private boolean sent(List<Map<String, Object>> list) {
    try {
      RestClient.Reply reply = client.get().post("/reports", list);
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
