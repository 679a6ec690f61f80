package org.plenum.writer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.plenum.group.api.Actor;
import org.plenum.group.api.CommandAnswer;
import org.plenum.group.api.CommandAnswer.Accepted;
import org.plenum.group.api.CommandAnswer.Rejected;
import org.plenum.group.api.CommandEnvelope;
import org.plenum.group.api.Durability;
import org.plenum.group.api.GroupCommand.PostMessage;
import org.plenum.group.api.GroupId;
import org.plenum.platform.ErrorCode;
import org.plenum.platform.metrics.SilentMeters;
import org.plenum.writer.Leaders.Leader;
import org.plenum.writer.StoreException.Fault;

/** The way to the writer of a cluster over faults: a delay, no error, and never another order. */
class CommandRouterTest {
  private static final String HERE = "http://here";
  private static final int LISTENER_BYTES = 1_600;
  private static final GroupId GROUP = new GroupId(new UUID(1, 1));
  private static final Rejected AWAY =
      new Rejected(ErrorCode.WRITER_UNAVAILABLE, "away", Duration.ofSeconds(1));

  private static final Rejected BUSY =
      new Rejected(ErrorCode.WRITER_BUSY, "busy", Duration.ofSeconds(1));

  private final AtomicReference<Optional<Leader>> lease =
      new AtomicReference<>(Optional.of(new Leader(1, "http://one")));
  private final AtomicBoolean databaseAway = new AtomicBoolean();
  private final AtomicReference<List<String>> peers = new AtomicReference<>(List.of());
  private final AtomicReference<Duration> clockAhead = new AtomicReference<>(Duration.ZERO);
  private final AtomicReference<Duration> timePassed = new AtomicReference<>(Duration.ZERO);
  private final Clock clock =
      new Clock() {
        @Override
        public Instant instant() {
          return Instant.now().plus(clockAhead.get());
        }

        @Override
        public ZoneId getZone() {
          return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
          return this;
        }
      };
  private final FakeLocal local = new FakeLocal();
  private final List<String> written = new CopyOnWriteArrayList<>();
  private final AtomicInteger requests = new AtomicInteger();
  private volatile Remote remote = this::writes;
  private CommandRouter router =
      start(new RouterConfig(64, 8, 1_000, ms(20), ms(50), ms(2), ms(100)));
  private Thread thread;

  private interface Remote {
    CompletableFuture<List<CommandAnswer>> send(String url, List<CommandEnvelope> commands);
  }

  /** The writer of this node; leads when it is told to. */
  private final class FakeLocal implements LeadingWriter {
    private long epoch;
    private final List<PendingCommand> held = new ArrayList<>();
    private boolean holds;
    private long generation;
    private boolean givesBackWhenAsked;
    private int noRoom;

    synchronized void hasNoRoomFor(int commands) {
      noRoom = commands;
    }

    synchronized void lead(long won, boolean holding) {
      epoch = won;
      holds = holding;
    }

    synchronized void overtaken() {
      epoch = 0;
    }

    @Override
    public synchronized long epoch() {
      if (Thread.currentThread() == thread && givesBackWhenAsked) {
        givesBackWhenAsked = false;
        giveBack();
      }
      return epoch;
    }

    synchronized void giveBackWhenTheRouterAsks() {
      givesBackWhenAsked = true;
    }

    @Override
    public synchronized long generation() {
      return generation;
    }

    @Override
    public CompletionStage<CommandAnswer> submit(CommandEnvelope envelope) {
      return submit(envelope, generation());
    }

    @Override
    public synchronized CompletionStage<CommandAnswer> submit(CommandEnvelope envelope, long read) {
      PendingCommand command = new PendingCommand(envelope);
      if (read != generation) {
        command.answer().complete(AWAY);
      } else if (noRoom > 0) {
        noRoom--;
        command.answer().complete(BUSY);
      } else if (holds) {
        held.add(command);
      } else if (epoch == 0) {
        command.answer().complete(AWAY);
      } else {
        written.add(text(envelope));
        command.answer().complete(accepted());
      }
      return command.answer();
    }

    synchronized void giveBack() {
      epoch = 0;
      holds = false;
      held.forEach(command -> command.answer().complete(AWAY));
      held.clear();
      generation++;
    }
  }

  private static Duration ms(long millis) {
    return Duration.ofMillis(millis);
  }

  private static Accepted accepted() {
    return new Accepted(GROUP, 1, 1, 1, Instant.EPOCH, false);
  }

  private static String text(CommandEnvelope envelope) {
    return ((PostMessage) envelope.command()).text();
  }

  private CompletableFuture<List<CommandAnswer>> writes(
      String url, List<CommandEnvelope> commands) {
    commands.forEach(command -> written.add(text(command)));
    return CompletableFuture.completedFuture(
        commands.stream().map(command -> (CommandAnswer) accepted()).toList());
  }

  private CommandRouter start(RouterConfig config) {
    CommandRouter made =
        new CommandRouter(
            local,
            HERE,
            () -> {
              if (databaseAway.get()) {
                throw new StoreException(Fault.UNAVAILABLE, "away", null);
              }
              return lease.get();
            },
            peers::get,
            (url, commands, limit) -> {
              requests.incrementAndGet();
              return remote.send(url, commands);
            },
            config,
            clock,
            () -> System.nanoTime() + timePassed.get().toNanos(),
            new SilentMeters());
    thread = Thread.ofPlatform().daemon().start(made);
    return made;
  }

  @AfterEach
  void stop() throws InterruptedException {
    router.stop();
    thread.interrupt();
    thread.join(5_000);
  }

  private CompletableFuture<CommandAnswer> post(String text, Duration patience) {
    return router
        .submit(
            new CommandEnvelope(
                UUID.randomUUID(),
                GROUP,
                new Actor(1, "Ada"),
                false,
                new PostMessage(text, null),
                Durability.DISK,
                Instant.now().plus(patience),
                null))
        .toCompletableFuture();
  }

  private CompletableFuture<CommandAnswer> post(String text) {
    return post(text, Duration.ofSeconds(20));
  }

  private static CommandAnswer answer(CompletableFuture<CommandAnswer> answer) throws Exception {
    return answer.get(10, TimeUnit.SECONDS);
  }

  @Test
  void theLeaderIsReachedOverTheTransport() throws Exception {
    assertThat(answer(post("a"))).isEqualTo(accepted());
    assertThat(written).containsExactly("a");
  }

  @Test
  void theOwnWriterIsCalledDirectlyWhileItLeads() throws Exception {
    local.lead(3, false);
    assertThat(answer(post("a"))).isEqualTo(accepted());
    assertThat(requests).hasValue(0);
  }

  @Test
  void aRejectionKeepsItsCodeAndTheTimeToWait() throws Exception {
    Rejected full = new Rejected(ErrorCode.REPLICA_AWAY, "away", Duration.ofMillis(700));
    remote = (url, commands) -> CompletableFuture.completedFuture(List.of(full));
    assertThat(answer(post("a"))).isEqualTo(full);
  }

  @Test
  void aWriterWithTooMuchWorkIsWaitedForInTheOrder() throws Exception {
    AtomicInteger rounds = new AtomicInteger();
    remote =
        (url, commands) -> {
          if (rounds.incrementAndGet() > 3) {
            return writes(url, commands);
          }
          List<CommandAnswer> answers = new ArrayList<>(Collections.nCopies(commands.size(), AWAY));
          answers.set(0, BUSY);
          return CompletableFuture.completedFuture(answers);
        };
    List<CompletableFuture<CommandAnswer>> all =
        List.of(post("a"), post("b"), post("c"), post("d"));
    for (CompletableFuture<CommandAnswer> each : all) {
      assertThat(answer(each)).isEqualTo(accepted());
    }
    assertThat(written).containsExactly("a", "b", "c", "d");
  }

  @Test
  void theOwnWriterIsWaitedForInTheOrderWhenItHasTooMuchWork() throws Exception {
    local.lead(7, false);
    local.hasNoRoomFor(2);
    List<CompletableFuture<CommandAnswer>> all = List.of(post("a"), post("b"), post("c"));
    for (CompletableFuture<CommandAnswer> each : all) {
      assertThat(answer(each)).isEqualTo(accepted());
    }
    assertThat(written).containsExactly("a", "b", "c");
  }

  @Test
  void aBrokenConnectionIsTriedAgainUnderTheSameClientId() throws Exception {
    List<UUID> ids = new CopyOnWriteArrayList<>();
    AtomicInteger tries = new AtomicInteger();
    remote =
        (url, commands) -> {
          commands.forEach(command -> ids.add(command.clientId()));
          return tries.incrementAndGet() < 4
              ? CompletableFuture.failedFuture(new IOException("reset"))
              : writes(url, commands);
        };
    assertThat(answer(post("a"))).isEqualTo(accepted());
    assertThat(ids).hasSize(4);
    assertThat(ids.stream().distinct()).hasSize(1);
  }

  @Test
  void anErrorDoesNotEndTheWay() throws Exception {
    remote =
        (url, commands) -> {
          if (requests.get() == 1) {
            throw new LinkageError("for a test");
          }
          return writes(url, commands);
        };
    assertThat(answer(post("a"))).isEqualTo(accepted());
    assertThat(written).containsExactly("a");
  }

  @Test
  void aSilentLeaderIsLeftWhenTheLeaseHasMoved() throws Exception {
    remote =
        (url, commands) ->
            url.equals("http://one") ? new CompletableFuture<>() : writes(url, commands);
    CompletableFuture<CommandAnswer> first = post("a");
    await().until(() -> requests.get() > 0);
    lease.set(Optional.empty());
    CompletableFuture<CommandAnswer> second = post("b");
    lease.set(Optional.of(new Leader(2, "http://two")));
    assertThat(answer(first)).isEqualTo(accepted());
    assertThat(answer(second)).isEqualTo(accepted());
    assertThat(written).containsExactly("a", "b");
  }

  @Test
  void aLeaderThatWaitsForTheDatabaseIsAskedOnce() throws Exception {
    CompletableFuture<List<CommandAnswer>> slow = new CompletableFuture<>();
    remote = (url, commands) -> slow;
    CompletableFuture<CommandAnswer> first = post("a");
    await().until(() -> requests.get() == 1);
    databaseAway.set(true);
    await().pollDelay(ms(150)).until(() -> true);
    assertThat(requests).hasValue(1);
    slow.complete(List.of(accepted()));
    assertThat(answer(first)).isEqualTo(accepted());
  }

  @Test
  void aNodeThatIsCutOffFromTheDatabaseFindsTheLeaderAmongItsPeers() throws Exception {
    databaseAway.set(true);
    peers.set(List.of("http://one", "http://two"));
    List<String> asked = new CopyOnWriteArrayList<>();
    remote =
        (url, commands) -> {
          asked.add(url);
          return url.equals("http://two")
              ? writes(url, commands)
              : CompletableFuture.completedFuture(
                  commands.stream().map(command -> (CommandAnswer) AWAY).toList());
        };
    assertThat(answer(post("a"))).isEqualTo(accepted());
    assertThat(answer(post("b"))).isEqualTo(accepted());
    assertThat(written).containsExactly("a", "b");
    // Who led is asked first the next time.
    assertThat(asked).containsExactly("http://one", "http://two", "http://two");
  }

  @Test
  void aDatabaseThatSaysNothingIsNotWaitedFor() throws Exception {
    CountDownLatch silent = new CountDownLatch(1);
    AtomicInteger looks = new AtomicInteger();
    try (ExecutorService executor = Executors.newSingleThreadExecutor()) {
      Leaders leaders =
          new BoundedLeaders(
              () -> {
                looks.incrementAndGet();
                try {
                  silent.await();
                } catch (InterruptedException e) {
                  Thread.currentThread().interrupt();
                }
                return lease.get();
              },
              executor,
              ms(50));
      for (int i = 0; i < 3; i++) {
        assertThatThrownBy(leaders::leader)
            .isInstanceOfSatisfying(
                StoreException.class, e -> assertThat(e.fault()).isEqualTo(Fault.UNAVAILABLE));
      }
      assertThat(looks).hasValue(1);
      silent.countDown();
      await().until(() -> leaders.leader().equals(lease.get()));
    }
  }

  @Test
  void nobodyLeadsForAWhile() throws Exception {
    lease.set(Optional.empty());
    CompletableFuture<CommandAnswer> first = post("a");
    CompletableFuture<CommandAnswer> second = post("b");
    await().pollDelay(ms(50)).until(() -> true);
    assertThat(first).isNotDone();
    lease.set(Optional.of(new Leader(2, "http://two")));
    assertThat(answer(first)).isEqualTo(accepted());
    assertThat(answer(second)).isEqualTo(accepted());
    assertThat(written).containsExactly("a", "b");
  }

  @Test
  void aCommandWaitsUntilItsDeadlineAndNoLonger() throws Exception {
    lease.set(Optional.empty());
    CommandAnswer late = answer(post("a", ms(100)));
    assertThat(late).isInstanceOf(Rejected.class);
    assertThat(((Rejected) late).code()).isEqualTo(ErrorCode.TIMEOUT);
    // The caller is answered first.
    await().until(() -> router.depth() == 0);
  }

  @Test
  void aSilentLeaderDoesNotHoldACallerPastItsDeadline() throws Exception {
    remote = (url, commands) -> new CompletableFuture<>();
    CommandAnswer late = answer(post("a", ms(100)));
    assertThat(((Rejected) late).code()).isEqualTo(ErrorCode.TIMEOUT);
    await().until(() -> router.depth() == 0);
  }

  @Test
  void whatTheOwnWriterGivesBackGoesToTheNextOneBeforeAllThatCameLater() throws Exception {
    local.lead(3, true);
    List<CompletableFuture<CommandAnswer>> all = new ArrayList<>();
    for (String text : List.of("a", "b", "c")) {
      all.add(post(text));
    }
    // Overtaken: what comes now waits until the three are back.
    local.overtaken();
    all.add(post("d"));
    all.add(post("e"));
    await().pollDelay(ms(50)).until(() -> true);
    assertThat(requests).hasValue(0);
    local.giveBack();
    for (CompletableFuture<CommandAnswer> each : all) {
      assertThat(answer(each)).isEqualTo(accepted());
    }
    assertThat(written).containsExactly("a", "b", "c", "d", "e");
  }

  @Test
  void whatIsGivenBackWhileTheNextOneIsInHandComesBeforeItAllTheSame() throws Exception {
    local.lead(3, true);
    List<CompletableFuture<CommandAnswer>> all = new ArrayList<>();
    for (String text : List.of("a", "b", "c")) {
      all.add(post(text));
    }
    local.overtaken();
    // The router has taken it out of its queue when it asks whether this node leads.
    local.giveBackWhenTheRouterAsks();
    all.add(post("d"));
    for (CompletableFuture<CommandAnswer> each : all) {
      assertThat(answer(each)).isEqualTo(accepted());
    }
    assertThat(written).containsExactly("a", "b", "c", "d");
  }

  @Test
  void acknowledgedMemoryWritesComeFirst() throws Exception {
    local.lead(3, true);
    CompletableFuture<CommandAnswer> held = post("b");
    CommandEnvelope acknowledged =
        new CommandEnvelope(
            UUID.randomUUID(),
            GROUP,
            new Actor(1, "Ada"),
            false,
            new PostMessage("a", null),
            Durability.MEMORY,
            Instant.EPOCH,
            null);
    local.overtaken();
    router.adopt(List.of(acknowledged));
    local.giveBack();
    assertThat(answer(held)).isEqualTo(accepted());
    await().untilAsserted(() -> assertThat(written).containsExactly("a", "b"));
  }

  private static CommandEnvelope acknowledged(String text) {
    return new CommandEnvelope(
        UUID.randomUUID(),
        GROUP,
        new Actor(1, "Ada"),
        false,
        new PostMessage(text, null),
        Durability.MEMORY,
        Instant.EPOCH,
        null);
  }

  @Test
  void aNodeThatStopsWaitsUntilTheNextWriterHasItsAcknowledgedMemoryWrites() throws Exception {
    assertThat(router.settle(ms(0))).as("none").isTrue();
    lease.set(Optional.empty());
    router.adopt(List.of(acknowledged("a"), acknowledged("b")));
    assertThat(router.settle(ms(30))).as("nobody leads").isFalse();
    assertThat(written).isEmpty();
    lease.set(Optional.of(new Leader(2, "http://two")));
    assertThat(router.settle(ms(20_000))).isTrue();
    assertThat(written).containsExactly("a", "b");
  }

  @Test
  void whatIsAdoptedTooLateIsNotKeptForNobody() throws Exception {
    router.stop();
    thread.interrupt();
    thread.join();
    router.adopt(List.of(acknowledged("a")));
    assertThat(router.depth()).isZero();
    assertThat(router.settle(ms(0))).isTrue();
  }

  @Test
  void aClockThatIsSetForwardDropsNoAcknowledgedMemoryWrite() throws Exception {
    List<Duration> toGo = new CopyOnWriteArrayList<>();
    remote =
        (url, commands) -> {
          commands.forEach(
              command -> toGo.add(Duration.between(clock.instant(), command.deadline())));
          return writes(url, commands);
        };
    lease.set(Optional.empty());
    router.adopt(List.of(acknowledged("a"), acknowledged("b")));
    clockAhead.set(Duration.ofHours(1));
    assertThat(router.settle(ms(50))).as("nobody leads").isFalse();
    lease.set(Optional.of(new Leader(2, "http://two")));
    assertThat(router.settle(ms(20_000))).isTrue();
    assertThat(written).containsExactly("a", "b");
    assertThat(toGo)
        .allSatisfy(
            each -> assertThat(each).isBetween(Duration.ofNanos(1), Duration.ofSeconds(30)));
  }

  @Test
  void anAcknowledgedMemoryWriteIsSentAgainWhenTheWritersClockWasSetForward() throws Exception {
    remote =
        (url, commands) ->
            requests.get() == 1
                ? CompletableFuture.completedFuture(
                    List.of(new Rejected(ErrorCode.TIMEOUT, "late")))
                : writes(url, commands);
    router.adopt(List.of(acknowledged("a")));
    assertThat(router.settle(ms(20_000))).isTrue();
    assertThat(written).containsExactly("a");
  }

  @Test
  void anAcknowledgedMemoryWriteThatNobodyTakesIsGivenUpInTheEnd() throws Exception {
    lease.set(Optional.empty());
    router.adopt(List.of(acknowledged("a")));
    timePassed.set(Duration.ofSeconds(29));
    assertThat(router.settle(ms(50))).isFalse();
    timePassed.set(Duration.ofSeconds(31));
    assertThat(router.settle(ms(20_000))).isTrue();
    await().until(() -> router.depth() == 0);
    assertThat(written).isEmpty();
  }

  @Test
  void theQueueIsBounded() throws Exception {
    lease.set(Optional.empty());
    List<CompletableFuture<CommandAnswer>> all = new ArrayList<>();
    for (int i = 0; i < 64; i++) {
      all.add(post("m" + i));
    }
    CommandAnswer refused = answer(post("too many"));
    assertThat(((Rejected) refused).code()).isEqualTo(ErrorCode.WRITER_BUSY);
    lease.set(Optional.of(new Leader(2, "http://two")));
    for (CompletableFuture<CommandAnswer> each : all) {
      assertThat(answer(each)).isEqualTo(accepted());
    }
    assertThat(written).hasSize(64);
  }

  /** A listener answers 413 to what is too long, however often it comes. */
  @Test
  void aBatchIsNeverLongerThanTheReceiversListenerTakes() throws Exception {
    remote =
        (url, commands) ->
            CommandBatchCodec.commands(commands, Instant.now()).length > LISTENER_BYTES
                ? CompletableFuture.failedFuture(new IOException("413"))
                : writes(url, commands);
    lease.set(Optional.empty());
    List<CompletableFuture<CommandAnswer>> all = new ArrayList<>();
    List<String> expected = new ArrayList<>();
    for (int i = 0; i < 30; i++) {
      // One of them is longer than a batch is made, and goes alone.
      String text = i + "x".repeat(i == 7 ? 1_500 : 200);
      expected.add(text);
      all.add(post(text));
    }
    lease.set(Optional.of(new Leader(2, "http://two")));
    for (CompletableFuture<CommandAnswer> each : all) {
      assertThat(answer(each)).isEqualTo(accepted());
    }
    assertThat(written).isEqualTo(expected);
    assertThat(requests.get()).as("filled, not one by one").isLessThan(20);
  }

  /** A leader that comes and goes at random; the order of one caller holds through all of it. */
  @Test
  void theOrderHoldsThroughEveryMoveOfTheLease() throws Exception {
    long seed = Long.getLong("plenum.seed", System.nanoTime());
    System.out.println("CommandRouterTest: seed " + seed);
    Random random = new Random(seed);
    List<CompletableFuture<CommandAnswer>> all = new ArrayList<>();
    AtomicInteger epoch = new AtomicInteger(1);
    remote =
        (url, commands) ->
            switch (requests.get() % 4) {
              case 0 -> CompletableFuture.failedFuture(new IOException("reset"));
              case 1 ->
                  CompletableFuture.completedFuture(
                      commands.stream().map(command -> (CommandAnswer) AWAY).toList());
              default -> writes(url, commands);
            };
    for (int i = 0; i < 400; i++) {
      if (random.nextInt(12) == 0) {
        switch (random.nextInt(3)) {
          case 0 -> {
            local.giveBack();
            lease.set(
                Optional.of(new Leader(epoch.incrementAndGet(), "http://n" + random.nextInt(3))));
          }
          case 1 -> {
            local.giveBack();
            lease.set(Optional.empty());
          }
          default -> {
            local.giveBack();
            lease.set(Optional.of(new Leader(epoch.incrementAndGet(), HERE)));
            local.lead(epoch.get(), random.nextBoolean());
          }
        }
      }
      // What was given back counts too: the next one would be refused, which is not the matter
      // here.
      if (router.depth() > 20) {
        local.giveBack();
        lease.set(Optional.of(new Leader(epoch.incrementAndGet(), "http://n")));
        await().until(() -> router.depth() < 10);
      }
      CompletableFuture<CommandAnswer> posted = post("m" + i, Duration.ofSeconds(60));
      all.add(posted);
      if (random.nextInt(4) == 0) {
        await().pollDelay(ms(1)).until(() -> true);
      }
    }
    local.giveBack();
    lease.set(Optional.of(new Leader(epoch.incrementAndGet(), "http://last")));
    for (CompletableFuture<CommandAnswer> each : all) {
      assertThat(answer(each)).isEqualTo(accepted());
    }
    List<String> expected = new ArrayList<>();
    for (int i = 0; i < 400; i++) {
      expected.add("m" + i);
    }
    assertThat(written).isEqualTo(expected);
  }
}
