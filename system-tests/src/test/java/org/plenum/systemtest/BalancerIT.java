package org.plenum.systemtest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.plenum.testkit.ChatSocket;
import org.plenum.testkit.RestClient;

/** The embedded balancer of a node that has itself for its only peer, in the real archive. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class BalancerIT {
  private static final String SIGN_INS = "5";
  private static final HttpClient HTTP =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .connectTimeout(Duration.ofSeconds(5))
          .build();

  private static Installation installation;

  @BeforeAll
  static void start() {
    installation =
        Installation.stoppedOnH2(
            Map.of(
                "plenum.node.name", "node1",
                "plenum.node.url", "http://127.0.0.1:@BASE+80@",
                "plenum.node.secret", "a secret of the nodes",
                "plenum.balancer.enabled", "true",
                "plenum.balancer.port", "@BASE+90@",
                "plenum.limits.sign-ins-per-minute-and-address", SIGN_INS));
    installation.server().restart();
    await()
        .atMost(Duration.ofMinutes(1))
        .ignoreExceptions()
        .until(() -> through().get("/about").status() == 200);
  }

  @AfterAll
  static void stop() {
    if (installation != null) {
      installation.close();
    }
  }

  private static RestClient through() {
    return RestClient.anonymous(URI.create(root() + "/plenum"));
  }

  private static String root() {
    return "http://127.0.0.1:" + installation.server().freePort();
  }

  private static RestClient person(String name) {
    return through().signIn(name, "demo-" + name);
  }

  private static double meter(String name) {
    return installation
        .server()
        .text("/metrics")
        .lines()
        .filter(line -> line.contains(name) && !line.startsWith("#"))
        .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
        .sum();
  }

  @Test
  @Order(1)
  void peopleSignInWriteAndHearEachOtherThroughTheBalancer() throws Exception {
    RestClient ada = person("ada");
    RestClient grace = person("grace");
    String group = Groups.create(ada, "PRIVATE", grace);
    try (ChatSocket hers = ChatSocket.open(ada);
        ChatSocket theirs = ChatSocket.open(grace);
        EventStream events = new EventStream(grace, Map.of())) {
      assertThat(events.status()).isEqualTo(200);
      JsonNode ack = hers.post(group, "over a socket").get(15, TimeUnit.SECONDS);
      assertThat(ack.path("type").asText()).as(ack.toString()).isEqualTo("ack");
      theirs.awaitEntry(group, entry -> entry.path("text").asText().equals("over a socket"));
      String key = UUID.randomUUID().toString();
      for (int i = 0; i < 2; i++) {
        RestClient.Reply posted =
            ada.send(
                "POST",
                "/groups/" + group + "/messages",
                Map.of("text", "over REST"),
                Map.of("Idempotency-Key", key));
        assertThat(posted.status()).as(posted.text()).isBetween(200, 201);
      }
      theirs.awaitEntry(group, entry -> entry.path("text").asText().equals("over REST"));
      assertThat(
              Stream.generate(() -> next(events))
                  .limit(50)
                  .anyMatch(frame -> frame.toString().contains("over REST")))
          .isTrue();
      // Two sockets and a stream are open; this balancer counts them.
      await()
          .atMost(Duration.ofSeconds(10))
          .until(() -> meter("plenum_balancer_open_streams") == 3);
    }
    await().atMost(Duration.ofSeconds(60)).until(() -> meter("plenum_balancer_open_streams") == 0);
    assertThat(Groups.texts(Groups.history(grace, group)))
        .isEqualTo(List.of("over a socket", "over REST"));
    assertThat(meter("plenum_balancer_chosen")).isPositive();
    assertThat(meter("plenum_balancer_failures")).isZero();
  }

  private static JsonNode next(EventStream events) {
    try {
      return events.next().orElseThrow();
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private static int send(String path, Map<String, String> headers, String body)
      throws IOException, InterruptedException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(root() + path)).timeout(Duration.ofSeconds(20));
    headers.forEach(request::header);
    HttpResponse<String> answer =
        HTTP.send(
            request.POST(HttpRequest.BodyPublishers.ofString(body)).build(),
            BodyHandlers.ofString());
    return answer.statusCode();
  }

  @Test
  @Order(2)
  void theWayBetweenNodesIsClosedAndForeignOriginsAreSentAwayAndOurOwnAreNot() throws Exception {
    assertThat(send("/plenum/internal/v1/commands", Map.of(), "")).isEqualTo(404);
    assertThat(send("/plenum/%69nternal/v1/commands", Map.of(), "")).isEqualTo(404);
    Map<String, String> json = Map.of("Content-Type", "application/json");
    RestClient grace = person("grace");
    for (String origin : List.of(root(), "http://evil.example")) {
      RestClient.Reply asked = grace.send("GET", "/groups?limit=1", null, Map.of("Origin", origin));
      assertThat(asked.status()).as(origin).isEqualTo(origin.equals(root()) ? 200 : 403);
    }
    assertThat(json).isNotEmpty();
    Map<String, String> foreign = Map.of("Origin", "http://evil.example");
    assertThat(
            org.assertj.core.api.Assertions.catchThrowableOfType(
                CompletionException.class, () -> ChatSocket.connect(grace, foreign)))
        .isNotNull();
  }

  @Test
  @Order(3)
  void signInsAreLimitedByTheAddressOfTheClientWhateverItClaims() throws Exception {
    int limited = 0;
    for (int i = 0; i < 20; i++) {
      int status =
          send(
              "/plenum/api/v1/tokens",
              Map.of("Content-Type", "application/json", "X-Forwarded-For", "10.9.8." + i),
              "{\"name\":\"nobody" + i + "\",\"password\":\"x\"}");
      assertThat(status).isIn(401, 429);
      limited += status == 429 ? 1 : 0;
    }
    assertThat(limited).isGreaterThanOrEqualTo(10);
  }

  @Test
  @Order(4)
  void healthNamesThePeersAndADrainedNodeGetsNothingNew() {
    String health = installation.server().text("/health/ready");
    assertThat(health).contains("\"balancer\"").contains("balancer.peer.node1").contains("READY");
    drain("node1");
    await()
        .atMost(Duration.ofMinutes(2))
        .pollInterval(Duration.ofMillis(500))
        .until(() -> through().get("/about").status() == 503);
    await()
        .atMost(Duration.ofSeconds(10))
        .until(() -> installation.server().text("/health/ready").contains("DRAINED"));
    drain("none");
    await()
        .atMost(Duration.ofMinutes(2))
        .pollInterval(Duration.ofMillis(500))
        .until(() -> through().get("/about").status() == 200);
  }

  private static void drain(String node) {
    installation
        .server()
        .asadminRemote(
            "set-config-property",
            "--propertyName=plenum.balancer.drain",
            "--propertyValue=" + node,
            "--source=domain");
  }

  @Test
  @Order(5)
  void theBalancerStopsAndStartsWithTheApplication() throws Exception {
    installation.server().asadminRemote("disable", "plenum");
    org.assertj.core.api.Assertions.assertThatExceptionOfType(ConnectException.class)
        .isThrownBy(
            () ->
                HTTP.send(
                    HttpRequest.newBuilder(URI.create(root() + "/plenum/")).build(),
                    BodyHandlers.discarding()));
    installation.server().asadminRemote("enable", "plenum");
    await()
        .atMost(Duration.ofMinutes(1))
        .ignoreExceptions()
        .until(() -> through().get("/about").status() == 200);
    Path log = installation.server().domain().resolve("logs/server.log");
    try (Stream<String> lines = Files.lines(log)) {
      assertThat(
              lines
                  .filter(line -> line.contains("SEVERE") || line.contains("WARNING"))
                  .filter(
                      line ->
                          line.contains("undertow")
                              || line.contains("xnio")
                              || line.contains("balancer")))
          .isEmpty();
    }
  }
}
