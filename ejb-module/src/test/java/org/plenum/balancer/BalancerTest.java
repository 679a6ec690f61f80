package org.plenum.balancer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.WebSocket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.plenum.balancer.Peers.Answer;
import org.plenum.balancer.Peers.Member;
import org.plenum.balancer.api.BalancerMark;
import org.plenum.platform.NodeConfig;

/** The balancer in front of two servers, over real connections. */
class BalancerTest {
  private static final Duration LIMIT = Duration.ofSeconds(20);
  private static final BalancerMark MARK =
      BalancerMark.of(new NodeConfig("n", "http://n:1", Set.of(), "sixteen characters"))
          .orElseThrow();

  private final TestPeer one = new TestPeer("node1");
  private final TestPeer two = new TestPeer("node2");
  private final Balancer balancer = new Balancer(config(Choice.EVEN), MARK);
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private PeerCheck check;

  private static BalancerConfig config(Choice choice) {
    return new BalancerConfig(
        true,
        "127.0.0.1",
        0,
        choice,
        1_000,
        64 * 1024,
        1024 * 1024,
        5,
        Duration.ofSeconds(2),
        Duration.ofSeconds(20),
        Duration.ofMinutes(1),
        Duration.ofSeconds(1),
        Duration.ofSeconds(2),
        Duration.ofMillis(200),
        Set.of());
  }

  @BeforeEach
  void start() {
    balancer.start();
    check = new PeerCheck(balancer.peers(), Duration.ofSeconds(2), threads);
    members(Set.of());
    ask(2);
  }

  @AfterEach
  void stop() {
    check.close();
    one.held.countDown();
    two.held.countDown();
    balancer.close();
    one.close();
    two.close();
    threads.shutdownNow();
    // A thread may be seen for a moment after its work has ended.
    await()
        .atMost(LIMIT)
        .untilAsserted(
            () ->
                assertThat(Thread.getAllStackTraces().keySet())
                    .extracting(Thread::getName)
                    .noneMatch(name -> name.startsWith(Balancer.WORKER)));
  }

  private void members(Set<String> drain) {
    balancer
        .peers()
        .members(
            List.of(new Member("node1", one.url(), 0), new Member("node2", two.url(), 0)), drain);
  }

  /** Looks at the nodes until so many take requests. */
  private void ask(int usable) {
    await()
        .atMost(LIMIT)
        .pollInterval(Duration.ofMillis(20))
        .until(
            () -> {
              check.askAll();
              return balancer.peers().usable().size() == usable;
            });
  }

  private Peer peer(String name) {
    return balancer.peers().all().stream()
        .filter(each -> each.name().equals(name))
        .findFirst()
        .orElseThrow();
  }

  private HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(
            URI.create("http://127.0.0.1:" + balancer.address().getPort() + path))
        .timeout(LIMIT);
  }

  private HttpResponse<String> send(HttpRequest.Builder request)
      throws IOException, InterruptedException {
    return client.send(request.build(), BodyHandlers.ofString());
  }

  private static String node(HttpResponse<?> response) {
    return response.headers().firstValue("X-Node").orElse("");
  }

  /** The answer to bytes as they are, until the connection ends. */
  private String raw(String bytes) throws IOException {
    try (Socket socket =
        new Socket(InetAddress.getLoopbackAddress(), balancer.address().getPort())) {
      socket.setSoTimeout((int) LIMIT.toMillis());
      OutputStream out = socket.getOutputStream();
      out.write(bytes.getBytes(StandardCharsets.US_ASCII));
      out.flush();
      InputStream in = socket.getInputStream();
      return new String(in.readAllBytes(), StandardCharsets.US_ASCII);
    }
  }

  /** Runs it in so many threads; answers what all of them gave. */
  private <T> List<T> inParallel(int count, Callable<List<T>> work) throws Exception {
    List<Future<List<T>>> running = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      running.add(threads.submit(work));
    }
    List<T> all = new ArrayList<>();
    for (Future<List<T>> each : running) {
      all.addAll(each.get(2, TimeUnit.MINUTES));
    }
    return all;
  }

  @Test
  void eachNodeHasTheSameShareOfRequests() throws Exception {
    List<String> nodes =
        inParallel(
            4,
            () -> {
              List<String> had = new ArrayList<>();
              for (int i = 0; i < 250; i++) {
                HttpResponse<String> answer = send(request("/plenum/api/v1/about"));
                assertThat(answer.statusCode()).isEqualTo(200);
                had.add(node(answer));
              }
              return had;
            });
    Map<String, Long> shares =
        nodes.stream().collect(Collectors.groupingBy(name -> name, Collectors.counting()));
    assertThat(shares.get("node1")).isBetween(475L, 525L);
    assertThat(shares.get("node2")).isBetween(475L, 525L);
    assertThat(peer("node1").chosen() + peer("node2").chosen()).isEqualTo(1_000);
    await().atMost(LIMIT).until(() -> peer("node1").requests() + peer("node2").requests() == 0);
    assertThat(peer("node1").failures() + peer("node2").failures()).isZero();
  }

  @Test
  void aNodeHearsWhoAsksAndNothingOfTheConnectionOrOfWhatOnlyAProxyMaySay() throws Exception {
    String answer =
        raw(
            "POST /plenum/a%2Fb;v=1/c?x=%20y HTTP/1.1\r\nHost: chat.example.org:8443\r\n"
                + "Connection: close, X-Hop\r\nX-Hop: 1\r\nKeep-Alive: 300\r\nTE: trailers\r\n"
                + "Proxy-Authorization: Basic x\r\nUpgrade: h2c\r\nX-Forwarded-For: 6.6.6.6\r\n"
                + "X-Forwarded-Proto: https\r\nX-Forwarded-Host: evil\r\nForwarded: for=6.6.6.6\r\n"
                + "Plenum-Balancer: guess\r\nOrigin: https://chat.example.org:8443\r\n"
                + "Content-Length: 5\r\n\r\nhello");
    assertThat(answer).startsWith("HTTP/1.1 200 ").endsWith("\n\nhello");
    String seen = answer.substring(answer.indexOf("POST "));
    assertThat(seen)
        .startsWith("POST /plenum/a%2Fb;v=1/c?x=%20y\n")
        .contains("Host: chat.example.org:8443\n")
        .contains("Origin: https://chat.example.org:8443\n")
        .contains("X-Forwarded-For: 127.0.0.1\n")
        .contains("X-Forwarded-Proto: http\n")
        .contains("Plenum-Balancer: " + MARK.text() + "\n")
        .doesNotContain("6.6.6.6")
        .doesNotContain("evil")
        .doesNotContain("guess")
        .doesNotContain("X-Hop")
        .doesNotContain("Upgrade")
        .doesNotContain("Keep-Alive")
        .doesNotContain("TE:")
        .doesNotContain("Proxy-Auth");
    String head = answer.substring(0, answer.indexOf("\r\n\r\n"));
    assertThat(head).doesNotContain("Keep-Alive").contains("X-Node: node");
  }

  @Test
  void aClientThatAsksForHttp2FirstIsAnswered() throws Exception {
    HttpClient java = HttpClient.newHttpClient();
    HttpResponse<String> answer =
        java.send(
            request("/plenum/x").POST(BodyPublishers.ofString("hello")).build(),
            BodyHandlers.ofString());
    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.body()).endsWith("\nhello");
  }

  @Test
  void whatNodesKeepToThemselvesIsNotThereHoweverItIsWritten() throws Exception {
    for (String path :
        List.of(
            "/plenum/internal/v1/commands",
            "/plenum/internal",
            "/plenum//internal/v1/commands",
            "/plenum/./internal/v1/commands",
            "/plenum/x/../internal/v1/commands",
            "/plenum/%69nternal/v1/commands",
            "/%70lenum/internal;x=1/v1/commands",
            "/plenum;a=b/internal/v1/commands")) {
      String answer =
          raw(
              "POST "
                  + path
                  + " HTTP/1.1\r\nHost: h\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
      assertThat(answer).as(path).startsWith("HTTP/1.1 404 ").contains("application/problem+json");
    }
    assertThat(one.requests.get() + two.requests.get()).isZero();
    assertThat(send(request("/plenum/internals")).statusCode()).isEqualTo(200);
  }

  @Test
  void aRequestWithTwoLengthsIsRefused() throws Exception {
    assertThat(
            raw(
                "POST /plenum/x HTTP/1.1\r\nHost: h\r\nConnection: close\r\nContent-Length: 3\r\n"
                    + "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n"))
        .startsWith("HTTP/1.1 400 ");
    assertThat(one.requests.get() + two.requests.get()).isZero();
  }

  @Test
  void longBodiesPassWithAndWithoutALength() throws Exception {
    String body = "0123456789abcdef".repeat(128 * 1024);
    HttpResponse<String> known = send(request("/plenum/x").POST(BodyPublishers.ofString(body)));
    assertThat(known.body()).endsWith("\n\n" + body);
    byte[] bytes = body.getBytes(StandardCharsets.US_ASCII);
    HttpResponse<String> chunked =
        send(
            request("/plenum/x")
                .POST(BodyPublishers.ofInputStream(() -> new java.io.ByteArrayInputStream(bytes))));
    assertThat(chunked.body()).endsWith("\n\n" + body);
    HttpResponse<String> expecting =
        send(request("/plenum/x").expectContinue(true).POST(BodyPublishers.ofString("short")));
    assertThat(expecting.body()).endsWith("\n\nshort").doesNotContain("Expect");
    HttpResponse<String> expectingLong =
        send(request("/plenum/x").expectContinue(true).POST(BodyPublishers.ofString(body)));
    assertThat(expectingLong.body()).endsWith("\n\n" + body);
    await().atMost(LIMIT).until(() -> balancer.kept() == 0);
  }

  @Test
  void aNodeIsKilledInMidFlowAndNoRequestThatMayBeRepeatedFails() throws Exception {
    AtomicInteger done = new AtomicInteger();
    Future<?> killer =
        threads.submit(
            () -> {
              await()
                  .atMost(LIMIT)
                  .pollInterval(Duration.ofMillis(1))
                  .until(() -> done.get() > 300);
              two.kill();
            });
    List<String> answers =
        inParallel(
            8,
            () -> {
              List<String> had = new ArrayList<>();
              for (int i = 0; i < 200; i++) {
                String key = UUID.randomUUID().toString();
                HttpRequest.Builder request =
                    i % 2 == 0
                        ? request("/plenum/x/" + key)
                        : request("/plenum/y")
                            .header("Idempotency-Key", key)
                            .POST(BodyPublishers.ofString("body " + key));
                HttpResponse<String> answer = send(request);
                assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
                assertThat(answer.body()).contains(key);
                if (i % 2 == 1) {
                  assertThat(answer.body()).endsWith("\n\nbody " + key);
                }
                had.add(node(answer));
                done.incrementAndGet();
              }
              return had;
            });
    killer.get(20, TimeUnit.SECONDS);
    assertThat(answers).hasSize(1_600).contains("node1", "node2");
    assertThat(answers.subList(answers.size() - 50, answers.size())).containsOnly("node1");
    assertThat(balancer.retries()).isPositive();
    assertThat(balancer.peers().usable()).extracting(Peer::name).containsExactly("node1");
    await().atMost(LIMIT).until(() -> balancer.kept() == 0 && peer("node2").requests() == 0);
  }

  @Test
  void aWriteWithoutAnIdThatWasSentIsNotSentTwice() throws Exception {
    HttpResponse<String> answer = send(request("/broken").POST(BodyPublishers.ofString("once")));
    assertThat(answer.statusCode()).isEqualTo(503);
    assertThat(answer.headers().firstValue("Content-Type")).contains("application/problem+json");
    assertThat(answer.headers().firstValue("Retry-After")).contains("1");
    assertThat(one.requests.get() + two.requests.get()).isEqualTo(1);
  }

  @Test
  void aRequestThatEveryNodeBreaksIsGivenUpAfterItsRetries() throws Exception {
    HttpResponse<String> answer =
        send(
            request("/broken")
                .header("Idempotency-Key", "k")
                .POST(BodyPublishers.ofString("again")));
    assertThat(answer.statusCode()).isEqualTo(503);
    assertThat(one.requests.get() + two.requests.get()).isEqualTo(6);
    assertThat(Math.abs(one.requests.get() - two.requests.get())).isLessThanOrEqualTo(6);
    assertThat(one.requests.get()).isPositive();
    assertThat(two.requests.get()).isPositive();
  }

  @Test
  void aNodeAtWhoseAddressNobodyListensCostsNoRequestNotEvenOneWithoutAnId() throws Exception {
    two.close();
    for (int i = 0; i < 20; i++) {
      HttpResponse<String> answer = send(request("/plenum/x").POST(BodyPublishers.ofString("b")));
      // One on a connection that was kept may be closed under it; none was made here yet.
      assertThat(answer.statusCode()).isEqualTo(200);
      assertThat(node(answer)).isEqualTo("node1");
    }
  }

  @Test
  void whatAPausedNodeHasIsGivenToAnotherOnceItMissedTwoChecks() throws Exception {
    CompletableFuture<HttpResponse<String>> first =
        client.sendAsync(request("/held").build(), BodyHandlers.ofString());
    await().atMost(LIMIT).until(() -> one.waiting.get() + two.waiting.get() == 1);
    TestPeer paused = one.waiting.get() == 1 ? one : two;
    TestPeer other = paused == one ? two : one;
    other.held.countDown();
    balancer.peers().checked(peer(paused.name), Answer.NONE);
    assertThat(first).isNotDone();
    balancer.peers().checked(peer(paused.name), Answer.NONE);
    HttpResponse<String> answer = first.get(20, TimeUnit.SECONDS);
    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.body()).isEqualTo(other.name);
    assertThat(peer(paused.name).failures()).isEqualTo(1);
  }

  @Test
  void aNodeThatIsNotReadyOrDrainedFinishesWhatItHasAndGetsNothingNew() throws Exception {
    CompletableFuture<HttpResponse<String>> first =
        client.sendAsync(request("/held").build(), BodyHandlers.ofString());
    await().atMost(LIMIT).until(() -> one.waiting.get() + two.waiting.get() == 1);
    TestPeer leaving = one.waiting.get() == 1 ? one : two;
    TestPeer staying = leaving == one ? two : one;
    leaving.health = 503;
    ask(1);
    for (int i = 0; i < 10; i++) {
      assertThat(node(send(request("/plenum/x")))).isEqualTo(staying.name);
    }
    leaving.health = 200;
    ask(2);
    members(Set.of(leaving.name));
    for (int i = 0; i < 10; i++) {
      assertThat(node(send(request("/plenum/x")))).isEqualTo(staying.name);
    }
    assertThat(first).isNotDone();
    leaving.held.countDown();
    assertThat(first.get(20, TimeUnit.SECONDS).body()).isEqualTo(leaving.name);
  }

  @Test
  void withoutANodeTheAnswerSaysSo() throws Exception {
    one.health = 503;
    two.health = 503;
    ask(0);
    HttpResponse<String> answer = send(request("/plenum/x"));
    assertThat(answer.statusCode()).isEqualTo(503);
    assertThat(answer.body()).contains("\"status\":503").contains("No node");
    assertThat(balancer.unserved()).isEqualTo(1);
  }

  /** What a socket heard, and its end. */
  private static final class Heard implements WebSocket.Listener {
    private final BlockingQueue<String> texts = new LinkedBlockingQueue<>();
    private final CompletableFuture<String> end = new CompletableFuture<>();
    private final StringBuilder partial = new StringBuilder();

    @Override
    public CompletionStage<?> onText(WebSocket socket, CharSequence text, boolean last) {
      partial.append(text);
      if (last) {
        texts.add(partial.toString());
        partial.setLength(0);
      }
      socket.request(1);
      return CompletableFuture.completedFuture(null);
    }

    @Override
    public CompletionStage<?> onClose(WebSocket socket, int code, String reason) {
      end.complete("closed " + code);
      return CompletableFuture.completedFuture(null);
    }

    @Override
    public void onError(WebSocket socket, Throwable error) {
      end.complete("broken");
    }
  }

  private WebSocket open(Heard heard) throws Exception {
    return client
        .newWebSocketBuilder()
        .buildAsync(
            URI.create("ws://127.0.0.1:" + balancer.address().getPort() + "/plenum/api/v1/stream"),
            heard)
        .get(20, TimeUnit.SECONDS);
  }

  private static String ask(WebSocket socket, Heard heard, String text) throws Exception {
    socket.sendText(text, true).get(20, TimeUnit.SECONDS);
    String answer = heard.texts.poll(20, TimeUnit.SECONDS);
    assertThat(answer).endsWith(":" + text);
    return answer.substring(0, answer.indexOf(':'));
  }

  @Test
  void socketsGoToTheNodeWithTheFewestAndTalkThroughTheBalancer() throws Exception {
    Map<String, Integer> shares = new HashMap<>();
    List<WebSocket> sockets = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      Heard heard = new Heard();
      WebSocket socket = open(heard);
      sockets.add(socket);
      shares.merge(ask(socket, heard, "hello " + i), 1, Integer::sum);
      ask(socket, heard, "x".repeat(100_000));
    }
    assertThat(shares).containsEntry("node1", 5).containsEntry("node2", 5);
    assertThat(peer("node1").streams()).isEqualTo(5);
    sockets.forEach(socket -> socket.sendClose(WebSocket.NORMAL_CLOSURE, ""));
    await().atMost(LIMIT).until(() -> peer("node1").streams() == 0 && peer("node2").streams() == 0);
  }

  @Test
  void aSocketEndsWithItsNodeAndTheNextOneGoesToAnother() throws Exception {
    Heard heard = new Heard();
    WebSocket socket = open(heard);
    String node = ask(socket, heard, "one");
    (node.equals("node1") ? one : two).kill();
    assertThat(heard.end.get(20, TimeUnit.SECONDS)).isNotEmpty();
    Heard again = new Heard();
    WebSocket next = open(again);
    assertThat(ask(next, again, "two")).isNotEqualTo(node);
    next.abort();
    await().atMost(LIMIT).until(() -> peer("node1").streams() + peer("node2").streams() == 0);
  }

  @Test
  void aSocketOfANodeThatMissedTwoChecksIsClosed() throws Exception {
    Heard heard = new Heard();
    WebSocket socket = open(heard);
    Peer peer = peer(ask(socket, heard, "one"));
    balancer.peers().checked(peer, Answer.NONE);
    assertThat(heard.end).isNotDone();
    balancer.peers().checked(peer, Answer.NONE);
    assertThat(heard.end.get(20, TimeUnit.SECONDS)).isNotEmpty();
    await().atMost(LIMIT).until(() -> peer.streams() == 0);
  }
}
