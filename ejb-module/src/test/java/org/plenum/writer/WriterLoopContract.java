package org.plenum.writer;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.as;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.LONG;
import static org.awaitility.Awaitility.await;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.plenum.group.api.Actor;
import org.plenum.group.api.CommandAnswer;
import org.plenum.group.api.CommandAnswer.Accepted;
import org.plenum.group.api.CommandAnswer.Rejected;
import org.plenum.group.api.CommandEnvelope;
import org.plenum.group.api.Durability;
import org.plenum.group.api.EntryKind;
import org.plenum.group.api.GroupCommand;
import org.plenum.group.api.GroupCommand.CreateGroup;
import org.plenum.group.api.GroupCommand.EditMessage;
import org.plenum.group.api.GroupCommand.JoinGroup;
import org.plenum.group.api.GroupCommand.MarkRead;
import org.plenum.group.api.GroupCommand.PostMessage;
import org.plenum.group.api.GroupCommand.RecallMessage;
import org.plenum.group.api.GroupId;
import org.plenum.group.api.GroupType;
import org.plenum.group.api.PostingRule;
import org.plenum.group.domain.GroupDecider;
import org.plenum.group.domain.GroupLimits;
import org.plenum.platform.ErrorCode;
import org.plenum.platform.Ids;
import org.plenum.platform.metrics.SilentMeters;
import org.plenum.update.EntryCodec;
import org.plenum.update.JdbcUpdateLog;
import org.plenum.update.Update;
import org.plenum.writer.WriterCore.Answered;
import org.plenum.writer.WriterCore.Committed;

/** The writer and its store, whatever the database. */
abstract class WriterLoopContract {
  private static final Actor ADA = new Actor(1, "Ada");
  private static final Actor GRACE = new Actor(3, "Grace");
  private static final WriterConfig CONFIG =
      new WriterConfig(
          10_000,
          64,
          Duration.ofMillis(1),
          8,
          16,
          24,
          Duration.ofSeconds(3),
          Duration.ofMillis(200),
          Duration.ofMillis(5),
          100,
          1_000,
          1_000,
          Duration.ofMillis(1),
          Duration.ofSeconds(1));

  /** How far the clock of the node was set forward. */
  private final AtomicReference<Duration> ahead = new AtomicReference<>(Duration.ZERO);

  private final Clock clock =
      ((InstantSource) () -> Instant.now().plus(ahead.get())).withZone(ZoneOffset.UTC);
  private final List<Update> published = new CopyOnWriteArrayList<>();
  private final List<Running> running = new ArrayList<>();
  private TestDatabase database;
  private WriterConfig config = CONFIG;

  private Duration trimEvery = Duration.ofDays(1);

  /** A fresh database with the real migrations. */
  abstract TestDatabase database() throws Exception;

  private record Running(WriterLoop loop, Thread thread) {}

  @BeforeEach
  void open() throws Exception {
    database = database();
  }

  @AfterEach
  void close() throws Exception {
    for (Running each : running) {
      each.loop().stop();
      assertThat(each.thread().join(Duration.ofSeconds(20))).isTrue();
    }
    database.close();
  }

  private GroupStore store() {
    return new JdbcGroupStore(database.dataSource, database, new EntryCodec());
  }

  private WriterLoop start(GroupStore store, String holder) {
    return start(store, holder, null);
  }

  private WriterLoop start(
      GroupStore store, String holder, @Nullable Consumer<List<CommandEnvelope>> successor) {
    WriterCore core =
        new WriterCore(
            store, new GroupDecider(GroupLimits.defaults()), new EntryCodec(), clock, config);
    WriterLoop loop =
        new WriterLoop(
            store,
            core,
            config,
            clock,
            holder,
            "",
            trimEvery,
            Duration.ofDays(1),
            new SilentMeters(),
            this::tell);
    if (successor != null) {
      loop.giveBackTo(successor);
    }
    Thread thread = Thread.ofPlatform().name(holder).start(loop::run);
    running.add(new Running(loop, thread));
    return loop;
  }

  private void tell(Committed committed) {
    published.addAll(committed.updates());
    for (Answered answered : committed.answers()) {
      answered.command().answer().complete(answered.answer());
    }
  }

  private CommandEnvelope envelope(
      UUID clientId, GroupId group, Actor actor, GroupCommand command, Durability durability) {
    return new CommandEnvelope(
        clientId, group, actor, false, command, durability, Instant.now().plusSeconds(60));
  }

  private CompletableFuture<CommandAnswer> send(
      WriterLoop loop, GroupId group, Actor actor, GroupCommand command) {
    return loop.submit(envelope(Ids.newId(clock), group, actor, command, Durability.DISK))
        .toCompletableFuture();
  }

  private GroupId newGroup(WriterLoop loop) throws Exception {
    GroupId group = GroupId.newId(clock);
    CommandAnswer answer =
        send(
                loop,
                group,
                ADA,
                new CreateGroup(
                    GroupType.PUBLIC, "General", "", PostingRule.EVERYONE, 0, null, List.of()))
            .get(20, SECONDS);
    assertThat(answer).isInstanceOf(Accepted.class);
    return group;
  }

  @Test
  void postsGetGaplessSequencesInOrder() throws Exception {
    WriterLoop loop = start(store(), "one");
    GroupId group = newGroup(loop);
    List<CompletableFuture<CommandAnswer>> answers = new ArrayList<>();
    for (int i = 0; i < 500; i++) {
      answers.add(send(loop, group, ADA, new PostMessage("m" + i, null)));
    }
    List<Long> sequences = new ArrayList<>();
    for (CompletableFuture<CommandAnswer> answer : answers) {
      sequences.add(answer.get(20, SECONDS).orThrow().seq());
    }
    long first = sequences.getFirst();
    assertThat(sequences)
        .containsExactlyElementsOf(LongStream.range(first, first + 500).boxed().toList());
    assertThat(published).extracting(Update::revision).isSorted().doesNotHaveDuplicates();
    assertLogIsGapless();
  }

  @Test
  void aReplayGetsTheFirstAnswerEvenAfterARestart() throws Exception {
    WriterLoop loop = start(store(), "one");
    GroupId group = newGroup(loop);
    UUID id = Ids.newId(clock);
    CommandEnvelope post = envelope(id, group, ADA, new PostMessage("once", null), Durability.DISK);
    Accepted first = loop.submit(post).toCompletableFuture().get(20, SECONDS).orThrow();
    Accepted second = loop.submit(post).toCompletableFuture().get(20, SECONDS).orThrow();
    loop.stop();
    WriterLoop next = start(store(), "two");
    Accepted third = next.submit(post).toCompletableFuture().get(20, SECONDS).orThrow();
    assertThat(second).returns(first.seq(), Accepted::seq).returns(true, Accepted::replayed);
    assertThat(third)
        .returns(first.seq(), Accepted::seq)
        .returns(first.at(), Accepted::at)
        .returns(true, Accepted::replayed);
    assertThat(database.column("SELECT seq FROM timeline_entry WHERE kind = 30", Long.class))
        .hasSize(1);
  }

  @Test
  void theSameClientIdWithAnotherBodyIsAConflict() throws Exception {
    WriterLoop loop = start(store(), "one");
    GroupId group = newGroup(loop);
    UUID id = Ids.newId(clock);
    loop.submit(envelope(id, group, ADA, new PostMessage("a", null), Durability.DISK))
        .toCompletableFuture()
        .get(20, SECONDS)
        .orThrow();
    CommandAnswer answer =
        loop.submit(envelope(id, group, ADA, new PostMessage("b", null), Durability.DISK))
            .toCompletableFuture()
            .get(20, SECONDS);
    assertThat(answer)
        .isInstanceOfSatisfying(
            Rejected.class, r -> assertThat(r.code()).isEqualTo(ErrorCode.CLIENT_ID_REUSED));
  }

  @Test
  void joiningAgainUnderTheSameIdIsAReplayAndNotARejection() throws Exception {
    WriterLoop loop = start(store(), "one");
    GroupId group = newGroup(loop);
    CommandEnvelope join =
        envelope(Ids.newId(clock), group, GRACE, new JoinGroup(), Durability.DISK);
    Accepted first = loop.submit(join).toCompletableFuture().get(20, SECONDS).orThrow();
    loop.stop();
    WriterLoop next = start(store(), "two");
    Accepted again = next.submit(join).toCompletableFuture().get(20, SECONDS).orThrow();
    assertThat(again).returns(first.seq(), Accepted::seq).returns(true, Accepted::replayed);
  }

  @Test
  void aRecallLeavesNoCopyOfTheText() throws Exception {
    WriterLoop loop = start(store(), "one");
    GroupId group = newGroup(loop);
    long seq =
        send(loop, group, ADA, new PostMessage("secret-one", null))
            .get(20, SECONDS)
            .orThrow()
            .seq();
    send(loop, group, ADA, new EditMessage(seq, "secret-two")).get(20, SECONDS).orThrow();
    send(loop, group, ADA, new RecallMessage(seq)).get(20, SECONDS).orThrow();
    assertThat(database.column("SELECT json FROM timeline_entry", byte[].class))
        .extracting(json -> new String(json, java.nio.charset.StandardCharsets.UTF_8))
        .noneMatch(json -> json.contains("secret"));
  }

  @Test
  void aReadPositionNeverGoesBackNorPastTheHead() throws Exception {
    WriterLoop loop = start(store(), "one");
    GroupId group = newGroup(loop);
    for (int i = 0; i < 5; i++) {
      send(loop, group, ADA, new PostMessage("m" + i, null)).get(20, SECONDS).orThrow();
    }
    Accepted middle = send(loop, group, ADA, new MarkRead(4)).get(20, SECONDS).orThrow();
    Accepted beyond = send(loop, group, ADA, new MarkRead(1_000)).get(20, SECONDS).orThrow();
    Accepted back = send(loop, group, ADA, new MarkRead(2)).get(20, SECONDS).orThrow();
    assertThat(middle.seq()).isEqualTo(4);
    assertThat(beyond.no()).isEqualTo(5);
    assertThat(back).returns(beyond.seq(), Accepted::seq).returns(5L, Accepted::no);
    assertThat(database.column("SELECT read_no FROM membership WHERE account_id = 1", Long.class))
        .containsExactly(5L);
    assertLogIsGapless();
  }

  @Test
  void aWriteInMemoryIsAcknowledgedAndFlushedOnTheTimer() throws Exception {
    WriterLoop loop = start(store(), "one");
    GroupId group = newGroup(loop);
    Accepted accepted =
        loop.submit(
                envelope(
                    Ids.newId(clock), group, ADA, new PostMessage("fast", null), Durability.MEMORY))
            .toCompletableFuture()
            .get(20, SECONDS)
            .orThrow();
    await()
        .atMost(Duration.ofSeconds(20))
        .untilAsserted(
            () ->
                assertThat(
                        database.column(
                            "SELECT seq FROM timeline_entry WHERE kind = 30", Long.class))
                    .containsExactly(accepted.seq()));
  }

  @Test
  void whoeverSubmitsWhileTheWriterStopsGetsAnAnswer() throws Exception {
    WriterLoop loop = start(store(), "one");
    GroupId group = newGroup(loop);
    Queue<CompletableFuture<CommandAnswer>> answers = new ConcurrentLinkedQueue<>();
    // Bounded, so that what waits at the stop is written soon on any machine.
    Semaphore inFlight = new Semaphore(64);
    Thread client =
        Thread.ofPlatform()
            .start(
                () -> {
                  while (running.getFirst().thread().isAlive()) {
                    inFlight.acquireUninterruptibly();
                    CompletableFuture<CommandAnswer> answer =
                        send(loop, group, ADA, new PostMessage("late", null));
                    answers.add(answer);
                    answer.whenComplete((done, failed) -> inFlight.release());
                  }
                });
    await().atMost(Duration.ofSeconds(20)).until(() -> answers.size() > 100);
    loop.stop();
    assertThat(client.join(Duration.ofSeconds(20))).isTrue();
    for (CompletableFuture<CommandAnswer> answer : answers) {
      assertThat(answer.get(20, SECONDS)).isNotNull();
    }
  }

  @Test
  void anOldEpochCommitsNothing() throws Exception {
    WriterLoop loop = start(store(), "one");
    GroupId group = newGroup(loop);
    long first = loop.epoch();
    // Another node takes the lease away, as after a pause longer than the lease.
    database.inNew(
        connection ->
            connection
                .createStatement()
                .executeUpdate(
                    "UPDATE writer_lease SET epoch = epoch + 1, holder = 'other', expires_at ="
                        + " CURRENT_TIMESTAMP + INTERVAL '1' SECOND"));
    CompletableFuture<CommandAnswer> post = send(loop, group, ADA, new PostMessage("late", null));
    // It waits, takes the lease over when that of the other ran out, and then writes under its new
    // epoch.
    assertThat(post.get(20, SECONDS)).isInstanceOf(Accepted.class);
    assertThat(database.column("SELECT epoch FROM update_log ORDER BY revision", Long.class))
        .startsWith(first)
        .last(as(LONG))
        .isGreaterThan(first + 1);
    assertLogIsGapless();
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5})
  void faultsLoseAndDoubleNothing(long seed) throws Exception {
    FaultyStore store = new FaultyStore(store(), seed, 0.08);
    store.healed = true;
    WriterLoop loop = start(store, "one");
    List<GroupId> groups = List.of(newGroup(loop), newGroup(loop), newGroup(loop));
    store.healed = false;
    Random random = new Random(seed);
    Map<UUID, CompletableFuture<CommandAnswer>> answers = new HashMap<>();
    for (int i = 0; i < 600; i++) {
      UUID id = Ids.newId(clock);
      GroupCommand command = new PostMessage("m" + i, null);
      Durability durability = random.nextInt(4) == 0 ? Durability.MEMORY : Durability.DISK;
      CommandEnvelope envelope =
          envelope(id, groups.get(random.nextInt(3)), ADA, command, durability);
      answers.put(id, loop.submit(envelope).toCompletableFuture());
      if (random.nextInt(5) == 0) {
        loop.submit(envelope);
      }
    }
    Map<UUID, Long> acknowledged = new HashMap<>();
    for (Map.Entry<UUID, CompletableFuture<CommandAnswer>> answer : answers.entrySet()) {
      acknowledged.put(answer.getKey(), answer.getValue().get(60, SECONDS).orThrow().seq());
    }
    store.healed = true;
    loop.stop();
    assertThat(running.getFirst().thread().join(Duration.ofSeconds(20))).isTrue();
    List<UUID> stored =
        database.column("SELECT client_id FROM timeline_entry WHERE kind = 30", UUID.class);
    assertThat(stored).containsExactlyInAnyOrderElementsOf(acknowledged.keySet());
    for (Map.Entry<UUID, Long> each : acknowledged.entrySet()) {
      assertThat(
              database.column(
                  "SELECT seq FROM timeline_entry WHERE client_id = '" + each.getKey() + "'",
                  Long.class))
          .containsExactly(each.getValue());
    }
    for (GroupId group : groups) {
      List<Long> sequences =
          database.column(
              "SELECT seq FROM timeline_entry WHERE group_id = '" + group + "' ORDER BY seq",
              Long.class);
      assertThat(sequences)
          .containsExactlyElementsOf(LongStream.rangeClosed(1, sequences.size()).boxed().toList());
    }
    assertLogIsGapless();
  }

  @Test
  void aRowThatCannotBeReadIsTheFaultOfItsCommandOnly() throws Exception {
    WriterLoop loop = start(store(), "one");
    GroupId group = newGroup(loop);
    send(loop, group, ADA, new PostMessage("a", null)).get(20, SECONDS).orThrow();
    database.inNew(
        connection ->
            connection
                .createStatement()
                .executeUpdate("UPDATE timeline_entry SET kind = 99 WHERE seq = 2"));
    CompletableFuture<CommandAnswer> edit = send(loop, group, ADA, new EditMessage(2, "b"));
    CompletableFuture<CommandAnswer> post = send(loop, group, ADA, new PostMessage("c", null));
    assertIsInternal(edit.get(20, SECONDS));
    assertThat(post.get(20, SECONDS).orThrow().seq()).isEqualTo(3);
    assertLogIsGapless();
  }

  @Test
  void aFaultOfNoKnownKindIsTheFaultOfItsCommandOnly() throws Exception {
    FaultyStore store = new FaultyStore(store(), 1, 0);
    WriterLoop loop = start(store, "one");
    GroupId group = newGroup(loop);
    send(loop, group, ADA, new PostMessage("a", null)).get(20, SECONDS).orThrow();
    store.unreadable = 2;
    CompletableFuture<CommandAnswer> edit = send(loop, group, ADA, new EditMessage(2, "b"));
    CompletableFuture<CommandAnswer> post = send(loop, group, ADA, new PostMessage("c", null));
    assertIsInternal(edit.get(20, SECONDS));
    assertThat(post.get(20, SECONDS).orThrow().seq()).isEqualTo(3);
    assertLogIsGapless();
  }

  private static void assertIsInternal(CommandAnswer answer) {
    assertThat(answer)
        .isInstanceOfSatisfying(
            Rejected.class, r -> assertThat(r.code()).isEqualTo(ErrorCode.INTERNAL));
  }

  @Test
  void aRefusedLeaseIsAskedForInPauses() throws Exception {
    config = withPause(Duration.ofMillis(100));
    FaultyStore store = new FaultyStore(store(), 1, 0);
    store.refusing = true;
    long start = System.nanoTime();
    WriterLoop loop = start(store, "one");
    await().atMost(Duration.ofSeconds(20)).until(() -> store.acquired.get() >= 4);
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isGreaterThan(Duration.ofMillis(250));
    store.refusing = false;
    newGroup(loop);
  }

  private static WriterConfig withPause(Duration pause) {
    return new WriterConfig(
        CONFIG.queue(),
        CONFIG.batch(),
        CONFIG.linger(),
        CONFIG.lingerFrom(),
        CONFIG.lingerFull(),
        CONFIG.halfFrom(),
        CONFIG.lease(),
        CONFIG.renew(),
        CONFIG.memoryFlush(),
        CONFIG.groupCache(),
        CONFIG.memberCache(),
        CONFIG.recentIds(),
        pause,
        CONFIG.replicaLimit());
  }

  @Test
  void aCommandThatTimedOutIsNotWrittenUnderALaterEpoch() throws Exception {
    FaultyStore faulty = new FaultyStore(store(), 1, 0);
    WriterLoop one = start(faulty, "one");
    GroupId group = newGroup(one);
    CommandEnvelope late =
        new CommandEnvelope(
            Ids.newId(clock),
            group,
            ADA,
            false,
            new PostMessage("of the morning", null),
            Durability.DISK,
            Instant.now().plusMillis(200));
    faulty.away = true;
    CompletableFuture<CommandAnswer> answer = one.submit(late).toCompletableFuture();
    await()
        .atMost(Duration.ofSeconds(20))
        .until(
            () -> {
              one.expire();
              return answer.isDone();
            });
    assertThat(answer.join())
        .isInstanceOfSatisfying(
            Rejected.class, r -> assertThat(r.code()).isEqualTo(ErrorCode.TIMEOUT));
    endLeases();
    WriterLoop two = start(store(), "two");
    send(two, group, ADA, new PostMessage("of noon", null)).get(20, SECONDS).orThrow();
    two.stop();
    assertThat(running.getLast().thread().join(Duration.ofSeconds(20))).isTrue();
    faulty.away = false;
    send(one, group, ADA, new PostMessage("of the evening", null)).get(20, SECONDS).orThrow();
    assertThat(database.column("SELECT json FROM timeline_entry WHERE kind = 30", byte[].class))
        .extracting(json -> new String(json, java.nio.charset.StandardCharsets.UTF_8))
        .hasSize(2)
        .noneMatch(json -> json.contains("of the morning"));
  }

  private void endLeases() {
    database.inNew(
        connection ->
            connection
                .createStatement()
                .executeUpdate(
                    "UPDATE writer_lease SET expires_at = CURRENT_TIMESTAMP - INTERVAL '1'"
                        + " SECOND"));
  }

  /**
   * Stopped past its lease (SIGSTOP, a pause of the collector) in the middle of a batch; meanwhile
   * another writer lets Grace in. Then it goes on with its old memory.
   */
  private CommandAnswer answerOfAStoppedWriter(Actor actor, Durability durability)
      throws Exception {
    config = withLease(Duration.ofSeconds(1));
    FaultyStore store = new FaultyStore(store(), 1, 0);
    WriterLoop one = start(store, "one");
    GroupId group = newGroup(one);
    // Now it knows that Grace is no member.
    assertThat(send(one, group, GRACE, new PostMessage("let me in", null)).get(20, SECONDS))
        .isInstanceOf(Rejected.class);
    Semaphore stop = new Semaphore(0);
    store.stopped = stop;
    CompletableFuture<CommandAnswer> answer =
        one.submit(
                envelope(Ids.newId(clock), group, actor, new PostMessage("late", null), durability))
            .toCompletableFuture();
    await().atMost(Duration.ofSeconds(20)).until(stop::hasQueuedThreads);
    store.stopped = null;
    WriterLoop two = start(store(), "two");
    send(two, group, GRACE, new JoinGroup()).get(20, SECONDS).orThrow();
    stop.release();
    two.stop();
    assertThat(running.getLast().thread().join(Duration.ofSeconds(20))).isTrue();
    CommandAnswer given = answer.get(20, SECONDS);
    one.stop();
    assertThat(running.getFirst().thread().join(Duration.ofSeconds(20))).isTrue();
    assertLogIsGapless();
    return given;
  }

  @Test
  void aWriterThatWasStoppedPastItsLeaseRejectsNothingFromItsMemory() throws Exception {
    assertThat(answerOfAStoppedWriter(GRACE, Durability.DISK)).isInstanceOf(Accepted.class);
  }

  @Test
  void aWriterThatWasStoppedPastItsLeaseAcknowledgesNothingInMemory() throws Exception {
    Accepted given = answerOfAStoppedWriter(ADA, Durability.MEMORY).orThrow();
    assertThat(database.column("SELECT seq FROM timeline_entry WHERE kind = 30", Long.class))
        .containsExactly(given.seq());
  }

  /** Cut off from the database in the middle of a batch, as by a network that swallows all. */
  @Test
  void aWriterThatHearsNothingFromTheDatabaseLetsItsCommandsGoWhenTheLeaseIsOver()
      throws Exception {
    config = withLease(Duration.ofSeconds(1));
    FaultyStore store = new FaultyStore(store(), 1, 0);
    WriterLoop one = start(store, "one", adopted -> assertThat(adopted).isEmpty());
    GroupId group = newGroup(one);
    assertThat(one.epoch()).isPositive();
    Semaphore stop = new Semaphore(0);
    store.stopped = stop;
    CommandEnvelope inHand =
        envelope(Ids.newId(clock), group, GRACE, new JoinGroup(), Durability.DISK);
    CompletableFuture<CommandAnswer> first =
        one.submit(inHand, one.generation()).toCompletableFuture();
    await().atMost(Duration.ofSeconds(20)).until(stop::hasQueuedThreads);
    long generation = one.generation();
    CompletableFuture<CommandAnswer> second = send(one, group, ADA, new PostMessage("waits", null));
    await()
        .atMost(Duration.ofSeconds(20))
        .until(
            () -> {
              one.expire();
              return first.isDone() && second.isDone();
            });
    for (CompletableFuture<CommandAnswer> each : List.of(first, second)) {
      assertThat(each.join())
          .isInstanceOfSatisfying(
              Rejected.class, r -> assertThat(r.code()).isEqualTo(ErrorCode.WRITER_UNAVAILABLE));
    }
    assertThat(one.epoch()).as("it cannot know that it leads").isZero();
    long letGo = one.generation();
    assertThat(letGo).isGreaterThan(generation);
    // The next one writes it under the same client id; the first one wakes up and writes nothing.
    WriterLoop two = start(store(), "two");
    store.stopped = null;
    Accepted joined = two.submit(inHand).toCompletableFuture().get(20, SECONDS).orThrow();
    stop.release();
    await().atMost(Duration.ofSeconds(20)).until(() -> one.generation() > letGo);
    assertThat(two.submit(inHand).toCompletableFuture().get(20, SECONDS).orThrow().seq())
        .isEqualTo(joined.seq());
    assertThat(
            database.column(
                "SELECT seq FROM timeline_entry WHERE client_id = '" + inHand.clientId() + "'",
                Long.class))
        .containsExactly(joined.seq());
    assertLogIsGapless();
  }

  /** The database answers in the very moment in which the commands are let go. */
  @Test
  void whatComesWhileCommandsAreLetGoDoesNotOvertakeThem() throws Exception {
    config = withLease(Duration.ofSeconds(1));
    FaultyStore store = new FaultyStore(store(), 1, 0);
    WriterLoop one = start(store, "one", adopted -> assertThat(adopted).isEmpty());
    GroupId group = newGroup(one);
    Semaphore stop = new Semaphore(0);
    store.stopped = stop;
    CompletableFuture<CommandAnswer> inHand = send(one, group, GRACE, new JoinGroup());
    await().atMost(Duration.ofSeconds(20)).until(stop::hasQueuedThreads);
    CompletableFuture<CommandAnswer> before = send(one, group, ADA, new PostMessage("1", null));
    AtomicReference<CompletableFuture<CommandAnswer>> after = new AtomicReference<>();
    var unused =
        before.thenRun(
            () -> {
              // On its way back, and not there yet: the thread wakes up and takes what comes now.
              after.set(send(one, group, ADA, new PostMessage("2", null)));
              store.stopped = null;
              stop.release();
              await().atMost(Duration.ofSeconds(20)).until(after.get()::isDone);
            });
    await()
        .atMost(Duration.ofSeconds(30))
        .until(
            () -> {
              one.expire();
              return before.isDone() && inHand.isDone() && after.get() != null;
            });
    for (CompletableFuture<CommandAnswer> each : List.of(before, after.get())) {
      assertThat(each.get(20, SECONDS))
          .isInstanceOfSatisfying(
              Rejected.class, r -> assertThat(r.code()).isEqualTo(ErrorCode.WRITER_UNAVAILABLE));
    }
    assertThat(database.column("SELECT seq FROM timeline_entry WHERE kind = 30", Long.class))
        .as("posts")
        .isEmpty();
    assertLogIsGapless();
  }

  private static WriterConfig withLease(Duration lease) {
    return new WriterConfig(
        CONFIG.queue(),
        CONFIG.batch(),
        CONFIG.linger(),
        CONFIG.lingerFrom(),
        CONFIG.lingerFull(),
        CONFIG.halfFrom(),
        lease,
        CONFIG.renew(),
        CONFIG.memoryFlush(),
        CONFIG.groupCache(),
        CONFIG.memberCache(),
        CONFIG.recentIds(),
        CONFIG.retryPause(),
        CONFIG.replicaLimit());
  }

  @Test
  void whatIsWrittenAfterTheDatabaseLostSomethingHasAnEpochOfItsOwn() throws Exception {
    FaultyStore store = new FaultyStore(store(), 1, 0);
    WriterLoop loop = start(store, "one");
    GroupId group = newGroup(loop);
    send(loop, group, ADA, new PostMessage("kept", null)).get(20, SECONDS).orThrow();
    send(loop, group, ADA, new PostMessage("lost", null)).get(20, SECONDS).orThrow();
    store.away = true;
    CompletableFuture<CommandAnswer> post = send(loop, group, ADA, new PostMessage("new", null));
    await().atMost(Duration.ofSeconds(20)).until(() -> store.failures.get() > 0);
    sql("DELETE FROM timeline_entry WHERE seq = 3");
    sql("DELETE FROM update_log WHERE seq = 3");
    store.away = false;
    assertThat(post.get(20, SECONDS).orThrow().seq()).isEqualTo(3);
    assertEpochOfItsOwn();
  }

  private void sql(String sql) {
    database.inNew(connection -> connection.createStatement().executeUpdate(sql));
  }

  /** Of three updates the last. */
  private void assertEpochOfItsOwn() throws Exception {
    List<Long> epochs =
        database.column("SELECT epoch FROM update_log ORDER BY revision", Long.class);
    assertThat(epochs).hasSize(3);
    assertThat(epochs.get(1)).isEqualTo(epochs.getFirst());
    assertThat(epochs.getLast()).isGreaterThan(epochs.getFirst());
  }

  /** As when the pool has put a connection to another database under it, without a word. */
  @Test
  void aWriterThatWasIdleWhenTheDatabaseLostSomethingFindsOut() throws Exception {
    config = withLease(Duration.ofMinutes(1));
    WriterLoop loop = start(store(), "one");
    GroupId group = newGroup(loop);
    send(loop, group, ADA, new PostMessage("kept", null)).get(20, SECONDS).orThrow();
    CommandEnvelope lost =
        envelope(Ids.newId(clock), group, ADA, new PostMessage("lost", null), Durability.DISK);
    loop.submit(lost).toCompletableFuture().get(20, SECONDS).orThrow();
    sql("DELETE FROM timeline_entry WHERE seq = 3");
    sql("DELETE FROM update_log WHERE seq = 3");
    Accepted post = send(loop, group, ADA, new PostMessage("new", null)).get(20, SECONDS).orThrow();
    assertThat(post.seq()).isEqualTo(3);
    assertEpochOfItsOwn();
    assertThat(loop.submit(lost).toCompletableFuture().get(20, SECONDS).orThrow().seq())
        .as("sent again it is written, not taken for written")
        .isEqualTo(4);
    assertLogIsGapless();
  }

  @Test
  void whoWasForgottenByTheDatabaseDoesNotShareAnEpochWithAnother() throws Exception {
    GroupStore one = store();
    long epoch = one.acquire("one", "", 3_600);
    assertThat(one.renew(epoch, 0, 3_600)).isTrue();
    // A replica was promoted that had not heard of it, and another node took the same number there.
    sql("UPDATE writer_lease SET holder = 'two'");
    assertThat(one.renew(epoch, 0, 3_600)).isFalse();
    one.release(epoch);
    assertThat(one.acquire("one", "", 3_600)).as("the lease of two stands").isZero();
  }

  @Test
  void anEpochIsNotGivenAgainWhenTheDatabaseGoesBack() throws Exception {
    GroupStore store = store();
    long lost = store.acquire("one", "", 3_600);
    sql("UPDATE writer_lease SET epoch = 0, holder = ''");
    sql("UPDATE writer_lease SET expires_at = CURRENT_TIMESTAMP - INTERVAL '1' SECOND");
    // A takeover lasts longer than the second that an epoch has at least.
    await().atMost(Duration.ofSeconds(20)).until(() -> store.now().getEpochSecond() > lost);
    assertThat(store.acquire("one", "", 3_600)).isGreaterThan(lost);
  }

  @Test
  void aLeaseThatEndsInAFarFutureIsThatOfAClockThatWasSetBack() {
    GroupStore store = store();
    assertThat(store.acquire("one", "", 3)).isPositive();
    sql("UPDATE writer_lease SET expires_at = CURRENT_TIMESTAMP + INTERVAL '1' HOUR");
    assertThat(store.acquire("two", "", 3)).isPositive();
  }

  @Test
  void aWriterThatStopsGivesItsAcknowledgedMemoryWritesToTheNextOne() throws Exception {
    // Nothing is flushed on its own: the commit comes with the stop.
    config = lazy(CONFIG);
    FaultyStore faulty = new FaultyStore(store(), 1, 0);
    List<CommandEnvelope> given = new CopyOnWriteArrayList<>();
    WriterLoop one = start(faulty, "one", given::addAll);
    GroupId group = newGroup(one);
    CommandEnvelope fast =
        envelope(Ids.newId(clock), group, ADA, new PostMessage("fast", null), Durability.MEMORY);
    assertThat(one.submit(fast).toCompletableFuture().get(20, SECONDS))
        .isInstanceOf(Accepted.class);
    endLeases();
    WriterLoop two = start(store(), "two");
    await().atMost(Duration.ofSeconds(20)).until(() -> two.epoch() > 0);
    one.stop();
    assertThat(running.getFirst().thread().join(Duration.ofSeconds(20))).isTrue();
    assertThat(given).extracting(CommandEnvelope::clientId).containsExactly(fast.clientId());
  }

  /** The same, with MEMORY writes that stay in memory. */
  private static WriterConfig lazy(WriterConfig from) {
    return new WriterConfig(
        from.queue(),
        from.batch(),
        from.linger(),
        from.lingerFrom(),
        from.lingerFull(),
        from.halfFrom(),
        from.lease(),
        from.renew(),
        Duration.ofHours(1),
        from.groupCache(),
        from.memberCache(),
        from.recentIds(),
        from.retryPause(),
        from.replicaLimit());
  }

  @Test
  void anErrorDoesNotEndTheWriter() throws Exception {
    FaultyStore store = new FaultyStore(store(), 1, 0);
    WriterLoop loop = start(store, "one");
    GroupId group = newGroup(loop);
    store.nextCommit.set(new OutOfMemoryError("test"));
    Accepted post = send(loop, group, ADA, new PostMessage("a", null)).get(20, SECONDS).orThrow();
    assertThat(post.seq()).isEqualTo(2);
    assertThat(loop.alive()).isTrue();
    assertLogIsGapless();
  }

  @Test
  void aReadMarkCountsWhenAPostComesFirstInItsBatch() throws Exception {
    GroupStore store = store();
    WriterCore core =
        new WriterCore(
            store, new GroupDecider(GroupLimits.defaults()), new EntryCodec(), clock, CONFIG);
    core.open(store.acquire("one", "", 3));
    GroupId group = GroupId.newId(clock);
    CreateGroup create =
        new CreateGroup(
            GroupType.PUBLIC, "General", "", PostingRule.EVERYONE, 0, null, List.of(GRACE));
    core.accept(
        List.of(pending(group, ADA, create), pending(group, ADA, new PostMessage("a", null))));
    core.flush();
    PendingCommand mark = pending(group, GRACE, new MarkRead(3));
    core.accept(List.of(pending(group, ADA, new PostMessage("b", null)), mark));
    tell(core.flush());
    assertThat(mark.answer().get(20, SECONDS).orThrow())
        .returns(3L, Accepted::seq)
        .returns(1L, Accepted::no);
  }

  @Test
  void aClockThatIsSetBackDoesNotStretchTheLossWindow() throws Exception {
    GroupStore store = store();
    AtomicReference<Instant> now = new AtomicReference<>(Instant.parse("2026-11-22T20:00:00Z"));
    InstantSource moved = now::get;
    WriterCore core =
        new WriterCore(
            store,
            new GroupDecider(GroupLimits.defaults()),
            new EntryCodec(),
            moved.withZone(ZoneOffset.UTC),
            CONFIG);
    core.open(store.acquire("one", "", 3));
    GroupId group = GroupId.newId(clock);
    core.accept(
        List.of(
            pending(
                group,
                ADA,
                new CreateGroup(
                    GroupType.PUBLIC, "General", "", PostingRule.EVERYONE, 0, null, List.of()))));
    core.flush();
    core.accept(
        List.of(
            new PendingCommand(
                envelope(
                    Ids.newId(clock),
                    group,
                    ADA,
                    new PostMessage("fast", null),
                    Durability.MEMORY))));
    assertThat(core.due()).isFalse();

    now.updateAndGet(instant -> instant.minus(Duration.ofHours(1)));
    assertThat(core.due()).isTrue();
  }

  private PendingCommand pending(GroupId group, Actor actor, GroupCommand command) {
    return new PendingCommand(envelope(Ids.newId(clock), group, actor, command, Durability.DISK));
  }

  @Test
  void whereNoReplicaIsWaitedForAWriteThatAsksForItIsRefusedAndNothingIsWritten() throws Exception {
    WriterLoop loop = start(store(), "one");
    GroupId group = newGroup(loop);
    int before = published.size();
    CommandEnvelope post =
        envelope(Ids.newId(clock), group, ADA, new PostMessage("safe", null), Durability.REPLICA);
    assertThat(loop.submit(post).toCompletableFuture().get(20, SECONDS))
        .isInstanceOfSatisfying(
            Rejected.class, r -> assertThat(r.code()).isEqualTo(ErrorCode.REPLICA_NOT_CONFIGURED));
    assertThat(published).hasSize(before);
    send(loop, group, ADA, new PostMessage("on disk", null)).get(20, SECONDS).orThrow();
    assertThat(published).hasSize(before + 1);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void whetherAWriteForTheReplicaWasTakenHoldsAtTheNextTrySoThatNoMemoryWriteMoves(boolean taken)
      throws Exception {
    FaultyStore store = new FaultyStore(store(), 1, 0);
    WriterCore core =
        new WriterCore(
            store, new GroupDecider(GroupLimits.defaults()), new EntryCodec(), clock, CONFIG);
    Rejected away = new Rejected(ErrorCode.REPLICA_AWAY, "away");
    AtomicReference<@Nullable Rejected> refusal = new AtomicReference<>(taken ? null : away);
    core.refuseReplicaBy(refusal::get);
    core.open(store.acquire("one", "", 3));
    GroupId group = GroupId.newId(clock);
    core.accept(
        List.of(
            pending(
                group,
                ADA,
                new CreateGroup(
                    GroupType.PUBLIC, "General", "", PostingRule.EVERYONE, 0, null, List.of()))));
    core.flush();
    PendingCommand safe = pending(group, new PostMessage("safe", null), Durability.REPLICA);
    PendingCommand fast = pending(group, new PostMessage("fast", null), Durability.MEMORY);
    core.accept(List.of(safe, fast));
    long acknowledged = fast.answer().getNow(null).orThrow().seq();
    store.away = true;
    assertThatThrownBy(core::flush).isInstanceOf(StoreException.class);
    store.away = false;
    List<PendingCommand> open = core.open();
    refusal.set(taken ? away : null);
    core.again(open);
    tell(core.flush());
    assertThat(safe.answer().get(20, SECONDS) instanceof Accepted).isEqualTo(taken);
    assertThat(
            database.column(
                "SELECT seq FROM timeline_entry WHERE client_id = '"
                    + fast.envelope().clientId()
                    + "'",
                Long.class))
        .containsExactly(acknowledged);
    PendingCommand next = pending(group, new PostMessage("next", null), Durability.REPLICA);
    core.accept(List.of(next));
    tell(core.flush());
    assertThat(next.answer().get(20, SECONDS) instanceof Accepted)
        .as("a new one goes by what holds now")
        .isNotEqualTo(taken);
  }

  private PendingCommand pending(GroupId group, GroupCommand command, Durability durability) {
    return new PendingCommand(envelope(Ids.newId(clock), group, ADA, command, durability));
  }

  @Test
  void aReplayInMemoryGetsTheFirstAnswerAfterARestart() throws Exception {
    WriterLoop loop = start(store(), "one");
    GroupId group = newGroup(loop);
    UUID id = Ids.newId(clock);
    CommandEnvelope post =
        envelope(id, group, ADA, new PostMessage("once", null), Durability.MEMORY);
    Accepted first = loop.submit(post).toCompletableFuture().get(20, SECONDS).orThrow();
    send(loop, group, ADA, new PostMessage("more", null)).get(20, SECONDS).orThrow();
    loop.stop();
    WriterLoop next = start(store(), "two");
    Accepted again = next.submit(post).toCompletableFuture().get(20, SECONDS).orThrow();
    CommandAnswer other =
        next.submit(envelope(id, group, ADA, new PostMessage("other", null), Durability.MEMORY))
            .toCompletableFuture()
            .get(20, SECONDS);
    assertThat(again).returns(first.seq(), Accepted::seq).returns(true, Accepted::replayed);
    assertThat(other)
        .isInstanceOfSatisfying(
            Rejected.class, r -> assertThat(r.code()).isEqualTo(ErrorCode.CLIENT_ID_REUSED));
  }

  @Test
  void entriesPastTheRetentionGoAndTheHeadStays() throws Exception {
    WriterLoop loop = start(store(), "one");
    GroupId group = newGroup(loop);
    for (int i = 0; i < 10; i++) {
      send(loop, group, ADA, new PostMessage("m" + i, null)).get(20, SECONDS).orThrow();
    }
    loop.stop();
    assertThat(running.getFirst().thread().join(Duration.ofSeconds(20))).isTrue();
    database.inNew(
        connection ->
            connection.createStatement().executeUpdate("UPDATE chat_group SET retention_days = 1"));
    database.inNew(
        connection ->
            connection
                .createStatement()
                .executeUpdate(
                    "UPDATE timeline_entry SET at = at - INTERVAL '2' DAY WHERE seq <= 8"));
    trimEvery = Duration.ofMillis(1);
    start(store(), "two");
    await()
        .atMost(Duration.ofSeconds(20))
        .untilAsserted(
            () ->
                assertThat(
                        database.column("SELECT seq FROM timeline_entry ORDER BY seq", Long.class))
                    .containsExactly(9L, 10L, 11L, 12L));
    assertThat(database.column("SELECT first_seq FROM chat_group", Long.class)).containsExactly(9L);
  }

  @Test
  void aClockThatIsSetForwardDeletesNoHistory() throws Exception {
    trimEvery = Duration.ofMillis(1);
    FaultyStore store = new FaultyStore(store(), 1, 0);
    WriterLoop loop = start(store, "one");
    GroupId group = newGroup(loop);
    for (int i = 0; i < 10; i++) {
      send(loop, group, ADA, new PostMessage("m" + i, null)).get(20, SECONDS).orThrow();
    }
    // Node and database on one machine: their clocks agree.
    store.clockAhead = Duration.ofDays(400);
    ahead.set(Duration.ofDays(400));
    database.inNew(
        connection ->
            connection
                .createStatement()
                .executeUpdate("UPDATE chat_group SET retention_days = 365"));
    int looks = store.looksAtTheClock.get();
    await().atMost(Duration.ofSeconds(20)).until(() -> store.looksAtTheClock.get() > looks + 5);
    assertThat(database.column("SELECT seq FROM timeline_entry", Long.class)).hasSize(11);
    assertThat(database.column("SELECT revision FROM update_log", Long.class))
        .hasSize(published.size());
  }

  @Test
  void aLogRowOfAClockThatWasAheadHoldsUpNothingAndTheLogHasNoHoles() throws Exception {
    WriterLoop loop = start(store(), "one");
    GroupId group = newGroup(loop);
    for (int i = 0; i < 20; i++) {
      send(loop, group, ADA, new PostMessage("m" + i, null)).get(20, SECONDS).orThrow();
    }
    long last = published.getLast().revision();
    Instant now = store().now();
    age("at = at - INTERVAL '10' DAY", "revision <= 15");
    age("at = at + INTERVAL '365' DAY", "revision IN (1, 2, 9)");
    age("at = at - INTERVAL '10' DAY", "revision = 18");
    for (int deleted = 4; deleted == 4; ) {
      deleted = store().trimLog(now.minus(Duration.ofDays(7)), now.plusSeconds(60), 4);
    }
    assertThat(database.column("SELECT revision FROM update_log ORDER BY revision", Long.class))
        .containsExactlyElementsOf(LongStream.rangeClosed(16, last).boxed().toList());
  }

  private void age(String change, String which) {
    database.inNew(
        connection ->
            connection
                .createStatement()
                .executeUpdate("UPDATE update_log SET " + change + " WHERE " + which));
  }

  @Test
  void theLogGivesBackWhatWasPublished() throws Exception {
    WriterLoop loop = start(store(), "one");
    GroupId group = newGroup(loop);
    for (int i = 0; i < 20; i++) {
      send(loop, group, ADA, new PostMessage("m" + i, null)).get(20, SECONDS).orThrow();
    }
    send(loop, group, ADA, new MarkRead(7)).get(20, SECONDS).orThrow();
    List<Update> read = new JdbcUpdateLog(database.dataSource).after(0, 1_000);
    assertThat(read).usingRecursiveComparison().isEqualTo(published);
    assertThat(read.getLast().kind()).isEqualTo(EntryKind.READ_MARKED);
  }

  private void assertLogIsGapless() throws Exception {
    List<Long> revisions =
        database.column("SELECT revision FROM update_log ORDER BY revision", Long.class);
    assertThat(revisions)
        .containsExactlyElementsOf(LongStream.rangeClosed(1, revisions.size()).boxed().toList());
  }
}
