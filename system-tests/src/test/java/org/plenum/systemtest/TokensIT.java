package org.plenum.systemtest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.WebSocketHandshakeException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.plenum.testkit.ChatSocket;
import org.plenum.testkit.RestClient;

/** Wrong, expired and expiring tokens, on each of the three ways in. */
@OnPostgres
class TokensIT {
  private static final int POLICY_VIOLATION = 1008;

  private RestClient ada;
  private RealmTokens tokens;

  @BeforeEach
  void signIn(Installation installation) {
    ada = installation.person("ada");
    tokens = new RealmTokens(installation.server());
  }

  private Map<String, Object> with(String claim, Object value) {
    Map<String, Object> claims = RealmTokens.claims("ada", Instant.now().plusSeconds(600));
    claims.put(claim, value);
    return claims;
  }

  private String without(String claim) {
    Map<String, Object> claims = RealmTokens.claims("ada", Instant.now().plusSeconds(600));
    claims.remove(claim);
    return tokens.signed(claims);
  }

  private Map<String, String> refusedTokens() {
    String good = tokens.expiringAt("ada", Instant.now().plusSeconds(600));
    String forged =
        good.substring(0, good.length() - 4) + (good.endsWith("AAAA") ? "BBBB" : "AAAA");
    Map<String, String> codes = new LinkedHashMap<>();
    codes.put(tokens.expiringAt("ada", Instant.now().minusSeconds(3_600)), "TOKEN_EXPIRED");
    codes.put(forged, "TOKEN_REJECTED");
    codes.put(tokens.signed(with("iss", "https://elsewhere.example")), "TOKEN_REJECTED");
    codes.put(tokens.signed(with("aud", "another-application")), "TOKEN_REJECTED");
    codes.put(
        tokens.signed(with("nbf", Instant.now().plusSeconds(600).getEpochSecond())),
        "TOKEN_REJECTED");
    codes.put(tokens.signed(with("upn", "nobody-of-this-name")), "TOKEN_REJECTED");
    codes.put(tokens.signed(with("upn", 7)), "TOKEN_REJECTED");
    codes.put(without("exp"), "TOKEN_REJECTED");
    codes.put(without("iat"), "TOKEN_REJECTED");
    codes.put("eyJhbGciOiJub25lIn0.eyJzdWIiOiJhZGEifQ.", "TOKEN_REJECTED");
    codes.put("nonsense", "TOKEN_REJECTED");
    return codes;
  }

  /** Java's client asks for HTTP/2 in its first request when it is not told otherwise. */
  @Test
  void aClientThatAsksForHttp2FirstIsAnswered(Installation installation) throws Exception {
    HttpClient http = HttpClient.newHttpClient();
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(installation.server().application() + "/api/v1/tokens"))
            .header("Content-Type", "application/json")
            .timeout(Duration.ofSeconds(20))
            .POST(HttpRequest.BodyPublishers.ofString("{\"name\":\"ada\",\"password\":\"no\"}"))
            .build();
    for (int i = 0; i < 3; i++) {
      HttpResponse<String> answer = http.send(request, HttpResponse.BodyHandlers.ofString());
      assertThat(answer.statusCode()).isIn(200, 401, 403, 404);
      assertThat(answer.body()).contains("code");
    }
  }

  @Test
  void aTokenOfOurOwnKeyIsTaken() {
    String good = tokens.expiringAt("ada", Instant.now().plusSeconds(600));
    assertThat(ada.withToken(good).get("/me").status()).isEqualTo(200);
  }

  @Test
  void wrongAndExpiredTokensAreRefusedByEveryWayIn() {
    refusedTokens()
        .forEach(
            (token, code) -> {
              RestClient client = ada.withToken(token);
              RestClient.Reply reply = client.get("/me");
              assertThat(reply.status()).as(reply.text()).isEqualTo(401);
              assertThat(reply.code()).isEqualTo(code);
              assertThat(reply.headers().firstValue("WWW-Authenticate")).isPresent();
              assertRefusedHandshake(client);
              assertRefusedEvents(client, code);
            });
  }

  private static void assertRefusedHandshake(RestClient client) {
    Throwable refusal = catchThrowable(() -> ChatSocket.connect(client, Map.of()).close());
    assertThat(refusal).isInstanceOf(CompletionException.class);
    assertThat(refusal.getCause())
        .isInstanceOfSatisfying(
            WebSocketHandshakeException.class,
            refused -> assertThat(refused.getResponse().statusCode()).isEqualTo(401));
  }

  private static void assertRefusedEvents(RestClient client, String code) {
    try (EventStream events = new EventStream(client, Map.of())) {
      assertThat(events.status()).isEqualTo(401);
      assertThat(events.problem().path("code").asText()).isEqualTo(code);
    } catch (IOException | InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void whatAForeignOriginAsksIsRefusedByEveryWayIn() throws Exception {
    Map<String, String> foreign = Map.of("Origin", "https://evil.example");
    RestClient.Reply reply = ada.send("GET", "/me", null, foreign);
    assertThat(reply.status()).isEqualTo(403);
    assertThat(reply.code()).isEqualTo("ORIGIN_REJECTED");
    assertThat(catchThrowable(() -> ChatSocket.connect(ada, foreign).close()).getCause())
        .isInstanceOfSatisfying(
            WebSocketHandshakeException.class,
            refused -> assertThat(refused.getResponse().statusCode()).isEqualTo(403));
    try (EventStream events = new EventStream(ada, foreign)) {
      assertThat(events.status()).isEqualTo(403);
      assertThat(events.problem().path("code").asText()).isEqualTo("ORIGIN_REJECTED");
    }
  }

  @Test
  void aTokenThatExpiresEndsWhatItOpenedWithAGoodbye() throws Exception {
    String token = tokens.expiringAt("ada", Instant.now().plusSeconds(4));
    RestClient brief = ada.withToken(token);
    try (ChatSocket socket = ChatSocket.open(brief);
        EventStream events = new EventStream(brief, Map.of())) {
      List<JsonNode> frames = new ArrayList<>();
      for (Optional<JsonNode> next = events.next(); next.isPresent(); next = events.next()) {
        frames.add(next.get());
      }

      assertThat(socket.closed().get(20, TimeUnit.SECONDS)).isEqualTo(POLICY_VIOLATION);
      for (List<JsonNode> received : List.of(frames, socket.frames())) {
        assertThat(received.getFirst().path("type").asText()).isEqualTo("welcome");
        assertThat(received.getLast().path("type").asText()).isEqualTo("bye");
        assertThat(received.getLast().path("code").asText()).isEqualTo("TOKEN_EXPIRED");
      }
      RestClient.Reply late = brief.get("/me");
      assertThat(late.status()).isEqualTo(401);
      assertThat(late.code()).isEqualTo("TOKEN_EXPIRED");
    }
  }
}
