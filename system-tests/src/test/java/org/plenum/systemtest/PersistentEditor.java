package org.plenum.systemtest;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.plenum.testkit.RestClient;

/**
 * A client that posts, edits each message, and recalls every other one. It repeats each step with
 * the same client id until it is acknowledged.
 */
final class PersistentEditor implements Runnable {
  private static final Duration PAUSE = Duration.ofMillis(100);

  private final RestClient client;
  private final String group;
  private final BooleanSupplier stopped;
  private final Map<UUID, Optional<String>> expected = new LinkedHashMap<>();
  private int edits;
  private int recalls;

  PersistentEditor(RestClient client, String group, BooleanSupplier stopped) {
    this.client = client;
    this.group = group;
    this.stopped = stopped;
  }

  /** The text of each message as acknowledged, empty when recalled; after {@link #run}. */
  Map<UUID, Optional<String>> expected() {
    return expected;
  }

  @Override
  public void run() {
    String messages = "/groups/" + group + "/messages";
    for (int n = 0; !stopped.getAsBoolean(); n++) {
      UUID id = UUID.randomUUID();
      long seq = untilAcknowledged("POST", messages, Map.of("text", "draft " + n), id);
      String message = messages + "/" + seq;
      String text = "edited " + n;
      untilAcknowledged("PATCH", message, Map.of("text", text), UUID.randomUUID());
      edits++;
      if (n % 2 == 0) {
        untilAcknowledged("POST", message + "/recall", null, UUID.randomUUID());
        recalls++;
      }
      expected.put(id, n % 2 == 0 ? Optional.empty() : Optional.of(text));
    }
  }

  private long untilAcknowledged(
      String method, String path, @Nullable Map<String, String> body, UUID id) {
    while (true) {
      try {
        RestClient.Reply reply =
            client.send(method, path, body, Map.of("Idempotency-Key", id.toString()));
        if (reply.status() == 200 || reply.status() == 201) {
          return reply.body().path("seq").asLong();
        }
        PersistentPoster.refuseWhatNoRetryMends(reply.status(), reply.text());
      } catch (UncheckedIOException e) {
        // The server is gone at this moment: the next try may meet it again.
      }
      LockSupport.parkNanos(PAUSE.toNanos());
    }
  }

  /** Every message is as acknowledged, every edit and recall is there once. */
  void assertAsAcknowledged(List<JsonNode> history) {
    Map<UUID, Optional<String>> found = new LinkedHashMap<>();
    int edited = 0;
    int recalled = 0;
    for (JsonNode entry : history) {
      switch (entry.path("kind").asText()) {
        case "message.posted" ->
            found.put(
                UUID.fromString(entry.path("clientId").asText()),
                entry.has("recalledAt")
                    ? Optional.empty()
                    : Optional.of(entry.path("text").asText()));
        case "message.edited" -> edited++;
        case "message.recalled" -> recalled++;
        default -> {}
      }
    }
    assertThat(found).isEqualTo(expected);
    assertThat(edited).isEqualTo(edits);
    assertThat(recalled).isEqualTo(recalls);
  }
}
