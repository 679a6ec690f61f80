package org.plenum.systemtest;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.plenum.testkit.RestClient;

/** Short forms of what many tests do with groups. */
final class Groups {
  private Groups() {}

  /** Creates a group with these members and returns its id. */
  static String create(RestClient owner, String type, RestClient... members) {
    Map<String, Object> body = new LinkedHashMap<>();
    body.put("type", type);
    body.put("name", "Group " + UUID.randomUUID());
    body.put("topic", "A topic");
    body.put("postingRule", "EVERYONE");
    body.put("retentionDays", 0);
    body.put("members", Stream.of(members).map(RestClient::id).toList());
    RestClient.Reply reply = owner.post("/groups", body).expect(201);
    JsonNode created = reply.body();
    String id = created.path("id").asText();
    if (id.isEmpty()) {
      id = created.path("group").path("id").asText(created.path("group").asText());
    }
    // Readers of the tests carry no position, so the group must be in the reader's memory first.
    String position = reply.headers().firstValue("Plenum-Position").orElseThrow();
    owner.send("GET", "/groups/" + id, null, Map.of("Plenum-Position", position)).expect(200);
    return id;
  }

  /** Posts over REST and returns the answer's body. */
  static JsonNode post(RestClient sender, String group, String text) {
    return sender.post("/groups/" + group + "/messages", Map.of("text", text)).expect(201).body();
  }

  /** All entries of a group, page by page from the first. */
  static List<JsonNode> history(RestClient reader, String group) {
    List<JsonNode> all = new ArrayList<>();
    long from = 1;
    while (true) {
      JsonNode page =
          reader.get("/groups/" + group + "/entries?limit=200&from=" + from).expect(200).body();
      JsonNode entries = page.path("entries");
      entries.forEach(all::add);
      if (page.path("next").isNull() || page.path("next").isMissingNode() || entries.isEmpty()) {
        return all;
      }
      from = entries.get(entries.size() - 1).path("seq").asLong() + 1;
    }
  }

  /** The texts of the posted messages among these entries. */
  static List<String> texts(List<JsonNode> entries) {
    return entries.stream()
        .filter(entry -> entry.path("kind").asText().equals("message.posted"))
        .map(entry -> entry.path("text").asText())
        .toList();
  }

  /** The sequence numbers of these entries. */
  static List<Long> seqs(List<JsonNode> entries) {
    return entries.stream().map(entry -> entry.path("seq").asLong()).toList();
  }

  /** My view of one group in the list of my groups. */
  static JsonNode mine(RestClient person, String group) {
    JsonNode items = person.get("/groups?limit=200").expect(200).body().path("items");
    return StreamSupport.stream(items.spliterator(), false)
        .filter(item -> item.path("group").path("id").asText().equals(group))
        .findFirst()
        .orElseThrow(() -> new AssertionError(group + " is not among " + items));
  }
}
