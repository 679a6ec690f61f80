package org.plenum.systemtest;

import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.plenum.testkit.RestClient;

/** Short forms of what many tests do with reports. */
final class Reported {
  private Reported() {}

  /** A report as a producer writes it. */
  static Map<String, Object> report(String source, String key, String kind) {
    Map<String, Object> report = new LinkedHashMap<>();
    report.put("version", 1);
    report.put("source", source);
    report.put("businessKey", key);
    report.put("kind", kind);
    report.put("body", Map.of("key", key));
    return report;
  }

  /** Stored reports of a source in the order of storing, as an administrator sees them. */
  static List<JsonNode> stored(RestClient admin, String source) {
    List<JsonNode> all = new ArrayList<>();
    String cursor = "";
    do {
      JsonNode page =
          admin
              .get(
                  "/reports?limit=200&source="
                      + URLEncoder.encode(source, StandardCharsets.UTF_8)
                      + cursor)
              .expect(200)
              .body();
      page.path("items").forEach(all::add);
      cursor = page.path("next").isNull() ? null : "&cursor=" + page.path("next").asText();
    } while (cursor != null);
    return all;
  }

  /** The business keys of stored reports. */
  static List<String> keys(RestClient admin, String source) {
    return stored(admin, source).stream().map(it -> it.path("businessKey").asText()).toList();
  }

  /** Waits until that many reports of a source are stored. */
  static void awaitStored(RestClient admin, String source, int count) {
    await()
        .atMost(Duration.ofSeconds(60))
        .pollInterval(Duration.ofMillis(100))
        .until(() -> stored(admin, source).size() >= count);
  }

  /** Waits until the processing of the node is done with all that is in its queue. */
  static void awaitDrained(RestClient admin) {
    await()
        .atMost(Duration.ofMinutes(2))
        .pollInterval(Duration.ofMillis(100))
        .until(() -> lag(admin, "processing") == 0);
  }

  /** How far a consumer group is behind. */
  static long lag(RestClient admin, String group) {
    for (JsonNode found : admin.get("/reports/status").expect(200).body().path("groups")) {
      if (found.path("name").asText().equals(group)) {
        return found.path("lag").asLong();
      }
    }
    throw new AssertionError("no group " + group);
  }
}
