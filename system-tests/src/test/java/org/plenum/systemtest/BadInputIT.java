package org.plenum.systemtest;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.net.http.WebSocketHandshakeException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.plenum.testkit.ChatSocket;
import org.plenum.testkit.RestClient;

/** Every kind of bad input is answered by a clear problem, and changes nothing. */
@OnPostgres
class BadInputIT {
  private RestClient ada;
  private RestClient grace;
  private String group;

  @BeforeEach
  void makeGroup(Installation installation) {
    ada = installation.person("ada");
    grace = installation.person("grace");
    group = Groups.create(grace, "PUBLIC", ada);
  }

  private String messages() {
    return "/groups/" + group + "/messages";
  }

  private RestClient.Reply postBytes(byte[] body) {
    return grace.sendBytes("POST", messages(), body, "application/json", Map.of());
  }

  private void assertProblem(RestClient.Reply reply, int status, String code) {
    assertThat(reply.status()).as(reply.text()).isEqualTo(status);
    assertThat(reply.headers().firstValue("Content-Type").orElse(""))
        .startsWith("application/problem+json");
    assertThat(reply.code()).isEqualTo(code);
    assertThat(reply.body().path("type").asText()).startsWith("urn:plenum:error:");
    assertThat(reply.body().path("status").asInt()).isEqualTo(status);
    assertThat(reply.body().path("title").asText()).isNotBlank();
    assertThat(reply.body().path("correlationId").asText()).isNotBlank();
    assertThat(Groups.texts(Groups.history(grace, group))).isEmpty();
  }

  @Test
  void aBodyThatIsTooLarge() {
    byte[] body = ("{\"text\":\"" + "x".repeat(300_000) + "\"}").getBytes(UTF_8);
    assertProblem(postBytes(body), 413, "PAYLOAD_TOO_LARGE");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"{\"text\":", "[]", "\"text\"", "nonsense", "{\"text\":{}}", "{\"text\":[1]}"})
  void aBodyThatIsNotTheExpectedJson(String body) {
    RestClient.Reply reply = postBytes(body.getBytes(UTF_8));

    assertThat(reply.status()).as(reply.text()).isEqualTo(400);
    assertThat(reply.code()).isIn("MALFORMED_REQUEST", "INVALID_VALUE");
  }

  @Test
  void aBodyThatIsNotUtf8() {
    byte[] body = {'{', '"', 't', 'e', 'x', 't', '"', ':', '"', (byte) 0xc3, (byte) 0x28, '"', '}'};
    RestClient.Reply reply = postBytes(body);

    assertThat(reply.status()).as(reply.text()).isEqualTo(400);
    assertThat(reply.code()).isIn("INVALID_UTF8", "MALFORMED_REQUEST");
  }

  @ParameterizedTest
  @ValueSource(strings = {"{}", "{\"text\":null}", "{\"text\":\"\"}", "{\"text\":\"   \"}"})
  void aMessageWithoutText(String body) {
    assertProblem(postBytes(body.getBytes(UTF_8)), 400, "INVALID_VALUE");
  }

  @Test
  void aMediaTypeThatIsNotJson() {
    assertProblem(
        grace.sendBytes("POST", messages(), "text=hello".getBytes(UTF_8), "text/plain", Map.of()),
        415,
        "UNSUPPORTED_MEDIA_TYPE");
  }

  @Test
  void idsThatNobodyHas() {
    String nowhere = "/groups/" + new UUID(0x0190_0000_0000_7000L, 0x8000_0000_0000_0001L);

    assertProblem(grace.get(nowhere + "/entries"), 404, "GROUP_NOT_FOUND");
    assertProblem(grace.post(nowhere + "/messages", Map.of("text", "x")), 404, "GROUP_NOT_FOUND");
    assertProblem(grace.get("/accounts/987654321"), 404, "ACCOUNT_NOT_FOUND");
    assertProblem(grace.patch(messages() + "/4711", Map.of("text", "x")), 404, "MESSAGE_NOT_FOUND");
    assertThat(grace.get("/groups/not-a-uuid/entries").status()).isIn(400, 404);
    assertThat(grace.get("/no/such/path").status()).isEqualTo(404);
  }

  @Test
  void aCursorThatIsNotOneOfOurs() {
    assertProblem(grace.get("/groups?cursor=%21%21"), 400, "INVALID_CURSOR");
  }

  @Test
  void aListThatIsTooLong() {
    assertThat(grace.get("/groups/" + group + "/entries?limit=100000").status()).isEqualTo(400);
  }

  @Test
  void theSameClientIdWithAnotherBody() {
    String id = UUID.randomUUID().toString();
    Map<String, String> header = Map.of("Idempotency-Key", id);
    grace.send("POST", messages(), Map.of("text", "one"), header).expect(201);

    RestClient.Reply reply = grace.send("POST", messages(), Map.of("text", "two"), header);

    assertThat(reply.status()).isEqualTo(409);
    assertThat(reply.code()).isEqualTo("CLIENT_ID_REUSED");
    assertThat(Groups.texts(Groups.history(grace, group))).containsExactly("one");
  }

  @Test
  void postingToAnArchivedGroup() {
    grace.post("/groups/" + group + "/archive", null).expect(200);
    assertProblem(grace.post(messages(), Map.of("text", "late")), 409, "GROUP_ARCHIVED");
  }

  @Test
  void tokensThatAreNoneOrNotOurs() {
    String token = grace.token();
    assertThat(token).isNotNull();
    String forged = token.substring(0, token.lastIndexOf('.') + 1) + "AAAA";
    String unsigned = "eyJhbGciOiJub25lIn0.eyJzdWIiOiJhZGEifQ.";
    for (String bad : List.of("", "nonsense", forged, unsigned, "x".repeat(10_000))) {
      RestClient.Reply reply = grace.withToken(bad).get("/me");
      assertThat(reply.status()).as(bad).isIn(400, 401, 431);
    }
    assertThat(grace.withToken(forged).get("/me").code()).isEqualTo("TOKEN_REJECTED");
  }

  @Test
  void aWrongPassword(Installation installation) {
    RestClient.Reply reply =
        installation.anonymous().post("/tokens", Map.of("name", "ada", "password", "wrong"));
    assertThat(reply.status()).isEqualTo(401);
    assertThat(reply.code()).isEqualTo("WRONG_CREDENTIALS");
  }

  @Test
  void aSocketFromAForeignOrigin() {
    assertThatThrownBy(
            () -> ChatSocket.connect(grace, Map.of("Origin", "https://evil.example")).close())
        .isInstanceOf(CompletionException.class)
        .cause()
        .isInstanceOfSatisfying(
            WebSocketHandshakeException.class,
            refused -> assertThat(refused.getResponse().statusCode()).isEqualTo(403));
  }

  @Test
  void aSocketWithoutAToken(Installation installation) {
    assertThatThrownBy(() -> ChatSocket.connect(installation.anonymous(), Map.of()).close())
        .isInstanceOf(CompletionException.class)
        .cause()
        .isInstanceOfSatisfying(
            WebSocketHandshakeException.class,
            refused -> assertThat(refused.getResponse().statusCode()).isEqualTo(401));
  }

  @ParameterizedTest
  @ValueSource(strings = {"nonsense", "[]", "{}", "{\"type\":\"no-such-type\"}", "{\"type\":7}"})
  void aFrameThatIsNotOneOfOursLeavesOthersUntouched(String frame) {
    try (ChatSocket bad = ChatSocket.open(grace);
        ChatSocket good = ChatSocket.open(ada)) {
      bad.sendText(frame);
      await()
          .atMost(Duration.ofSeconds(20))
          .until(
              () ->
                  bad.closed().isDone()
                      || bad.frames().stream()
                          .anyMatch(f -> f.path("type").asText().equals("error")));
      Groups.post(grace, group, "still alive");
      good.awaitEntry(group, e -> e.path("text").asText().equals("still alive"));
    }
  }
}
