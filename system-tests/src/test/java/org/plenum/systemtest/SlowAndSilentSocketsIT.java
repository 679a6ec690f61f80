package org.plenum.systemtest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.SocketException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.plenum.testkit.ChatSocket;
import org.plenum.testkit.PlenumServer;
import org.plenum.testkit.RestClient;

/** Peers that do not take what they are sent, or say nothing, harm nobody but themselves. */
@OnPostgres
class SlowAndSilentSocketsIT {
  private static final String HELLO = "{\"type\":\"hello\"}";
  private static final int SMALL = 4 * 1024;
  private static final int POLICY_VIOLATION = 1008;

  /** The default of {@code plenum.push.queue-bytes}, and the frames that are never dropped. */
  private static final double MAX_QUEUED = 2.0 * 1024 * 1024;

  private RestClient ada;
  private RestClient grace;
  private PlenumServer server;
  private String group;

  @BeforeEach
  void makeGroup(Installation installation) {
    ada = installation.person("ada");
    grace = installation.person("grace");
    server = installation.server();
    group = Groups.create(grace, "PUBLIC", ada);
  }

  /** Posts large messages until the condition holds; returns how many. */
  private int flood(BooleanSupplier enough) throws Exception {
    String text = "x".repeat(16_000);
    int posted = 0;
    try (ChatSocket sender = ChatSocket.open(grace)) {
      while (!enough.getAsBoolean()) {
        assertThat(posted).as("messages until the condition held").isLessThan(4_000);
        List<CompletableFuture<JsonNode>> answers = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
          answers.add(sender.post(group, text));
        }
        for (CompletableFuture<JsonNode> answer : answers) {
          posted += answer.get(30, TimeUnit.SECONDS).path("type").asText().equals("ack") ? 1 : 0;
        }
      }
    }
    return posted;
  }

  /** A sign of life of a peer that does not read; it may have been cut off by now. */
  private static void ping(RawStream socket) {
    try {
      socket.send("{\"type\":\"ping\"}");
    } catch (SocketException e) {
      assertThat(e).hasMessageNotContaining("timed out");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static List<Long> seqs(Stream<JsonNode> frames, String group) {
    return frames
        .filter(frame -> frame.path("type").asText().equals("updates"))
        .filter(frame -> frame.path("group").asText().equals(group))
        .flatMap(frame -> StreamSupport.stream(frame.path("updates").spliterator(), false))
        .map(entry -> entry.path("seq").asLong())
        .toList();
  }

  private long head() {
    return Groups.mine(grace, group).path("head").path("seq").asLong();
  }

  @Test
  void aSocketThatReadsAgainInTimeIsToldToResync() throws Exception {
    try (RawStream slow = new RawStream(ada, SMALL)) {
      slow.send(HELLO);
      assertThat(slow.next()).map(RawStream.Received::type).contains("welcome");
      double before = Metrics.of(server, "push_queue_overflows_total");

      flood(() -> Metrics.of(server, "push_queue_overflows_total") > before);
      List<JsonNode> got = new ArrayList<>();
      Optional<RawStream.Received> resync = Optional.empty();
      while (resync.isEmpty()) {
        RawStream.Received next = slow.next().orElseThrow();
        assertThat(next.closeCode()).isZero();
        got.add(next.frame());
        resync = Optional.of(next).filter(frame -> frame.type().equals("resync"));
      }

      List<Long> live = seqs(got.stream(), group);
      long head = resync.get().frame().path("head").asLong();
      assertThat(live)
          .isEqualTo(
              LongStream.range(0, live.size()).map(i -> live.getFirst() + i).boxed().toList());
      assertThat(head).isGreaterThan(live.getLast());
      JsonNode gap =
          ada.get("/groups/" + group + "/entries?limit=1&from=" + (live.getLast() + 1))
              .expect(200)
              .body();
      assertThat(gap.path("entries").path(0).path("seq").asLong()).isEqualTo(live.getLast() + 1);
      Groups.post(grace, group, "after the resync");
      List<JsonNode> after = new ArrayList<>();
      while (seqs(after.stream(), group).isEmpty()) {
        after.add(slow.next().orElseThrow().frame());
      }
      assertThat(seqs(after.stream(), group)).containsExactly(head + 1);
    }
  }

  @Test
  void aSocketThatNeverReadsIsClosedAndTheOthersMissNothing() throws Exception {
    try (RawStream slow = new RawStream(ada, SMALL);
        ChatSocket other = ChatSocket.open(ada)) {
      slow.send(HELLO);
      assertThat(slow.next()).map(RawStream.Received::type).contains("welcome");
      double overflows = Metrics.of(server, "push_queue_overflows_total");
      double shed = Metrics.of(server, "push_sockets_shed_total");
      List<Double> queued = new ArrayList<>();

      int posted =
          flood(
              () -> {
                ping(slow);
                queued.add(Metrics.of(server, "push_queued_bytes"));
                return Metrics.of(server, "push_queue_overflows_total") > overflows;
              });
      // After 30 s behind, at the look at the socket that follows.
      await()
          .atMost(Duration.ofSeconds(60))
          .until(
              () -> {
                ping(slow);
                return Metrics.of(server, "push_sockets_shed_total") > shed;
              });

      assertThat(queued).allMatch(bytes -> bytes <= MAX_QUEUED);
      long head = head();
      other.awaitEntry(group, entry -> entry.path("seq").asLong() == head);
      assertThat(seqs(other.frames().stream(), group))
          .hasSize(posted)
          .isEqualTo(LongStream.rangeClosed(head - posted + 1, head).boxed().toList());
      List<Long> got = seqs(slow.rest().stream().map(RawStream.Received::frame), group);
      assertThat(got).isNotEmpty().hasSizeLessThan(posted);
      assertThat(Groups.seqs(Groups.history(ada, group)))
          .isEqualTo(LongStream.rangeClosed(1, head).boxed().toList());
    }
  }

  @Test
  void aSocketWithoutAHelloIsClosed() throws Exception {
    try (RawStream silent = new RawStream(ada, 0)) {
      assertThat(silent.next()).map(RawStream.Received::closeCode).contains(POLICY_VIOLATION);
    }
  }

  @Test
  void aSocketThatAnswersNoPingIsEnded() throws Exception {
    try (RawStream silent = new RawStream(ada, 0);
        RawStream alive = new RawStream(ada, 0)) {
      silent.send(HELLO);
      alive.send(HELLO);
      while (silent.next().isPresent()) {
        alive.send("{\"type\":\"ping\"}");
      }
      String id = UUID.randomUUID().toString();
      alive.send(
          "{\"type\":\"post\",\"id\":\"%s\",\"group\":\"%s\",\"text\":\"here\"}"
              .formatted(id, group));
      JsonNode frame = alive.next().orElseThrow().frame();
      while (!frame.path("type").asText().equals("ack")) {
        frame = alive.next().orElseThrow().frame();
      }
      assertThat(frame.path("id").asText()).isEqualTo(id);
    }
  }
}
