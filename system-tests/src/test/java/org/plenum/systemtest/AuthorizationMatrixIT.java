package org.plenum.systemtest;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.TestInstance;
import org.plenum.testkit.ChatSocket;
import org.plenum.testkit.RestClient;

/**
 * Who may do what: every operation by every kind of caller, each on a group of its own. The tables
 * hold the expected statuses; {@code ok} is any of 200 to 204.
 */
@OnPostgres
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class AuthorizationMatrixIT {
  private static final List<String> CALLERS =
      List.of("owner", "admin", "member", "muted", "banned", "ex-member", "outsider", "anonymous");

  /** G stands for the group, S for an active member, B for one banned, M for a message of S. */
  private static final String PUBLIC_GROUP =
      """
      operation                                     owner admin member muted banned ex-member outsider anonymous
      GET /groups/G                                 ok    ok    ok     ok    ok     ok        ok       401
      GET /groups/G/entries                         ok    ok    ok     ok    403    403       403      401
      GET /groups/G/members                         ok    ok    ok     ok    403    403       403      401
      GET /groups/G/members?status=BANNED           ok    ok    403    403   403    403       403      401
      POST /groups/G/messages                       ok    ok    ok     403   403    403       403      401
      PATCH /groups/G/messages/M                    403   403   403    403   403    403       403      401
      POST /groups/G/messages/M/recall              ok    ok    403    403   403    403       403      401
      PUT /groups/G/read-position                   ok    ok    ok     ok    403    403       403      401
      PATCH /groups/G                               ok    ok    403    403   403    403       403      401
      POST /groups/G/archive                        ok    403   403    403   403    403       403      401
      POST /groups/G/dissolve                       ok    403   403    403   403    403       403      401
      POST /groups/G/join                           409   409   409    409   403    ok        ok       401
      POST /groups/G/leave                          409   ok    ok     ok    403    403       403      401
      POST /groups/G/members/S/remove               ok    ok    403    403   403    403       403      401
      POST /groups/G/members/S/ban                  ok    ok    403    403   403    403       403      401
      POST /groups/G/members/B/unban                ok    ok    403    403   403    403       403      401
      POST /groups/G/members/S/mute                 ok    ok    403    403   403    403       403      401
      POST /groups/G/members/S/role                 ok    403   403    403   403    403       403      401
      POST /groups/G/members/S/transfer             ok    403   403    403   403    403       403      401
      POST /groups/G/members/S/add                  403   403   403    403   403    403       403      401
      GET /groups/G/deliveries                      ok    ok    ok     ok    403    403       403      401
      GET /reports                                  403   403   403    403   403    403       403      401
      GET /reports/status                           403   403   403    403   403    403       403      401
      GET /reports/xmpp-letters                     403   403   403    403   403    403       403      401
      GET /dead-letters                             403   403   403    403   403    403       403      401
      GET /consistency                              403   403   403    403   403    403       403      401
      GET /cluster                                  403   403   403    403   403    403       403      401
      GET /backups                                  403   403   403    403   403    403       403      401
      POST /backups                                 403   403   403    403   403    403       403      401
      POST /accounts                                403   403   403    403   403    403       403      401
      """;

  private static final String PRIVATE_GROUP =
      """
      operation                                     owner admin member muted banned ex-member outsider anonymous
      GET /groups/G                                 ok    ok    ok     ok    hidden hidden    hidden   401
      GET /groups/G/entries                         ok    ok    ok     ok    hidden hidden    hidden   401
      POST /groups/G/messages                       ok    ok    ok     403   hidden hidden    hidden   401
      POST /groups/G/join                           409   409   409    409   hidden hidden    hidden   401
      POST /groups/G/invitations                    ok    ok    403    403   hidden hidden    hidden   401
      PATCH /groups/G                               ok    ok    403    403   hidden hidden    hidden   401
      """;

  private static final String SOCKET_FRAMES =
      """
      operation owner admin member muted banned ex-member outsider
      post      ok    ok    ok     403   403    403       403
      edit      403   403   403    403   403    403       403
      recall    ok    ok    403    403   403    403       403
      """;

  private final Map<String, RestClient> people = new LinkedHashMap<>();

  @BeforeAll
  void makePeople(Installation installation) {
    RestClient ada = installation.person("ada");
    for (String name :
        List.of(
            "owner",
            "admin",
            "member",
            "muted",
            "banned",
            "ex-member",
            "outsider",
            "subject",
            "exile")) {
      String account = name + "-" + UUID.randomUUID().toString().substring(0, 8);
      ada.post(
              "/accounts",
              Map.of("name", account, "displayName", name, "password", "secret-" + account))
          .expect(201);
      people.put(name, installation.anonymous().signIn(account, "secret-" + account));
    }
    people.put("anonymous", installation.anonymous());
  }

  @TestFactory
  Stream<DynamicTest> inAPublicGroup() {
    return cells(PUBLIC_GROUP, "PUBLIC");
  }

  @TestFactory
  Stream<DynamicTest> inAPrivateGroup() {
    return cells(PRIVATE_GROUP, "PRIVATE");
  }

  private Stream<DynamicTest> cells(String table, String type) {
    List<DynamicTest> tests = new ArrayList<>();
    for (String line : table.lines().skip(1).toList()) {
      List<String> cells = List.of(line.trim().split(" +", -1));
      String method = cells.get(0);
      String path = cells.get(1);
      for (int i = 0; i < CALLERS.size(); i++) {
        String caller = CALLERS.get(i);
        String expected = cells.get(2 + i);
        tests.add(
            DynamicTest.dynamicTest(
                "%s %s by %s: %s".formatted(method, path, caller, expected),
                () -> check(type, method, path, caller, expected)));
      }
    }
    return tests.stream();
  }

  private void check(String type, String method, String path, String caller, String expected) {
    Scene scene = scene(type);
    String real =
        path.replace("/G", "/" + scene.group)
            .replace("/S/", "/" + person("subject").id() + "/")
            .replace("/B/", "/" + person("exile").id() + "/")
            .replace("/M", "/" + scene.message);
    RestClient.Reply reply = person(caller).send(method, real, body(method, path), Map.of());
    if (expected.equals("ok")) {
      assertThat(reply.status()).as(reply.text()).isBetween(200, 204);
    } else if (expected.equals("hidden")) {
      assertThat(reply.status()).as(reply.text()).isIn(403, 404);
    } else {
      assertThat(reply.status()).as(reply.text()).isEqualTo(Integer.parseInt(expected));
      assertThat(reply.headers().firstValue("Content-Type").orElse(""))
          .startsWith("application/problem+json");
    }
  }

  @TestFactory
  Stream<DynamicTest> overASocket() {
    List<DynamicTest> tests = new ArrayList<>();
    for (String line : SOCKET_FRAMES.lines().skip(1).toList()) {
      List<String> cells = List.of(line.trim().split(" +", -1));
      for (int i = 0; i + 1 < cells.size(); i++) {
        String caller = CALLERS.get(i);
        String expected = cells.get(1 + i);
        String type = cells.get(0);
        tests.add(
            DynamicTest.dynamicTest(
                "%s by %s: %s".formatted(type, caller, expected),
                () -> checkFrame(type, caller, expected)));
      }
    }
    return tests.stream();
  }

  private void checkFrame(String type, String caller, String expected) throws Exception {
    Scene scene = scene("PUBLIC");
    Map<String, Object> frame = new LinkedHashMap<>();
    frame.put("type", type);
    frame.put("group", scene.group);
    if (!type.equals("post")) {
      frame.put("target", scene.message);
    }
    if (!type.equals("recall")) {
      frame.put("text", "by " + caller);
    }
    try (ChatSocket socket = ChatSocket.open(person(caller))) {
      JsonNode answer = socket.request(frame, UUID.randomUUID()).get(20, TimeUnit.SECONDS);
      if (expected.equals("ok")) {
        assertThat(answer.path("type").asText()).as(answer.toString()).isEqualTo("ack");
      } else {
        assertThat(answer.path("status").asInt())
            .as(answer.toString())
            .isEqualTo(Integer.parseInt(expected));
      }
    }
  }

  @Test
  void anOutsiderGetsNothingOfAGroupOverASocket() {
    Scene scene = scene("PRIVATE");
    try (ChatSocket outside = ChatSocket.open(person("outsider"), Map.of(scene.group, 0L));
        ChatSocket inside = ChatSocket.open(person("member"))) {
      Groups.post(person("owner"), scene.group, "for members");
      inside.awaitEntry(scene.group, e -> e.path("text").asText().equals("for members"));
      outside.send(Map.of("type", "ping"));
      outside.await("pong", frame -> true);

      assertThat(outside.entries(scene.group)).isEmpty();
    }
  }

  private record Scene(String group, long message) {}

  /** A group with everybody in place; 'ex-member' was one and left, 'outsider' never was. */
  private Scene scene(String type) {
    RestClient owner = person("owner");
    String group =
        Groups.create(
            owner,
            type,
            person("admin"),
            person("member"),
            person("muted"),
            person("ex-member"),
            person("subject"));
    String members = "/groups/" + group + "/members/";
    owner.post(members + person("admin").id() + "/role", Map.of("role", "ADMIN")).expect(200);
    owner.post(members + person("banned").id() + "/ban", null).expect(200);
    owner.post(members + person("exile").id() + "/ban", null).expect(200);
    person("ex-member").post("/groups/" + group + "/leave", null).expect(200);
    long message = Groups.post(person("subject"), group, "by the subject").path("seq").asLong();
    owner.post(members + person("muted").id() + "/mute", Map.of("until", inAnHour())).expect(200);
    return new Scene(group, message);
  }

  private @Nullable Object body(String method, String path) {
    if (method.equals("GET")) {
      return null;
    }
    if (path.endsWith("/messages") || path.endsWith("/messages/M")) {
      return Map.of("text", "a text");
    }
    if (path.endsWith("/read-position")) {
      return Map.of("seq", 2);
    }
    if (path.equals("/groups/G")) {
      return Map.of("name", "Another name");
    }
    if (path.endsWith("/mute")) {
      return Map.of("until", inAnHour());
    }
    if (path.endsWith("/role")) {
      return Map.of("role", "ADMIN");
    }
    if (path.endsWith("/invitations")) {
      return Map.of("accountId", person("outsider").id());
    }
    return path.equals("/accounts")
        ? Map.of("name", "nobody-" + UUID.randomUUID(), "password", "long enough for one")
        : null;
  }

  private static String inAnHour() {
    return Instant.now().plus(1, ChronoUnit.HOURS).truncatedTo(ChronoUnit.MILLIS).toString();
  }

  private RestClient person(String name) {
    RestClient person = people.get(name);
    if (person == null) {
      throw new IllegalArgumentException(name);
    }
    return person;
  }
}
