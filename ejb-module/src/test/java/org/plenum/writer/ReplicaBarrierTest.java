package org.plenum.writer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.plenum.group.api.Actor;
import org.plenum.group.api.CommandAnswer;
import org.plenum.group.api.CommandAnswer.Accepted;
import org.plenum.group.api.CommandAnswer.Rejected;
import org.plenum.group.api.CommandEnvelope;
import org.plenum.group.api.Durability;
import org.plenum.group.api.GroupCommand;
import org.plenum.group.api.GroupId;
import org.plenum.platform.ErrorCode;
import org.plenum.platform.metrics.SilentMeters;
import org.plenum.writer.StoreException.Fault;

/** Answers that wait for a replica which confirms, does not, or does again. */
class ReplicaBarrierTest {
  private static final GroupId GROUP = new GroupId(new UUID(0, 1));
  private static final Instant DEADLINE = Instant.parse("2026-11-27T12:00:00Z");
  private static final int MOST = 3;

  private final Replica replica = new Replica();
  private final AtomicLong now = new AtomicLong();
  private final ReplicaBarrier barrier =
      new ReplicaBarrier(replica, MOST, Duration.ofSeconds(2), now::get, new SilentMeters());
  private final Thread thread = Thread.ofPlatform().unstarted(barrier::run);
  private int ids;

  /** A replica that does what it is told. */
  private static final class Replica implements ReplicaDatabase {
    private volatile State state = State.CONNECTED;
    private volatile boolean broken;
    private final AtomicInteger looks = new AtomicInteger();
    private volatile Answer answer = new Answer.Holds(Set.of());
    private volatile CountDownLatch gate = new CountDownLatch(0);
    private final List<Set<UUID>> asked = new CopyOnWriteArrayList<>();

    @Override
    public State state() {
      looks.incrementAndGet();
      if (broken) {
        throw new StoreException(Fault.UNAVAILABLE, "away", null);
      }
      return state;
    }

    @Override
    public Answer ask(Collection<UUID> written, Duration limit) {
      asked.add(Set.copyOf(written));
      try {
        return gate.await(20, TimeUnit.SECONDS) ? answer : new Answer.Silent();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return new Answer.Silent();
      }
    }
  }

  @BeforeEach
  void start() {
    thread.start();
  }

  @AfterEach
  void stop() throws InterruptedException {
    replica.gate.countDown();
    barrier.stop();
    assertThat(thread.join(Duration.ofSeconds(20))).isTrue();
  }

  private PendingCommand write() {
    return write(new GroupCommand.PostMessage("x", null), false);
  }

  private PendingCommand write(GroupCommand what, boolean replayed) {
    int id = ++ids;
    PendingCommand command =
        new PendingCommand(
            new CommandEnvelope(
                new UUID(0, id),
                GROUP,
                new Actor(1, "Ada"),
                false,
                what,
                Durability.REPLICA,
                DEADLINE));
    barrier.await(command, new Accepted(GROUP, id, 1, id, Instant.EPOCH, replayed));
    return command;
  }

  /** Fills the question: what comes from now on waits in the queue. */
  private PendingCommand asking() {
    replica.gate = new CountDownLatch(1);
    int before = replica.asked.size();
    PendingCommand first = write();
    await().until(() -> replica.asked.size() > before);
    return first;
  }

  private static Set<UUID> idsOf(PendingCommand... commands) {
    return Arrays.stream(commands)
        .map(each -> each.envelope().clientId())
        .collect(Collectors.toSet());
  }

  private static CommandAnswer answer(PendingCommand command) throws Exception {
    return command.answer().get(20, TimeUnit.SECONDS);
  }

  private static void assertRefused(CommandAnswer answer, ErrorCode code) {
    assertThat(answer)
        .isInstanceOfSatisfying(
            Rejected.class, rejected -> assertThat(rejected.code()).isEqualTo(code));
  }

  @Test
  void aWriteIsAnsweredOnceTheReplicaHasItAndThoseMeanwhileByOneQuestion() throws Exception {
    PendingCommand first = asking();
    PendingCommand second = write();
    PendingCommand third = write();
    assertThat(first.answer()).isNotDone();
    replica.gate.countDown();
    assertThat(answer(first)).isInstanceOf(Accepted.class);
    assertThat(answer(second)).isInstanceOf(Accepted.class);
    assertThat(answer(third)).isInstanceOf(Accepted.class);
    assertThat(replica.asked).containsExactly(idsOf(first), idsOf(second, third));
    assertThat(barrier.refusal()).isNull();
  }

  @Test
  void whatIsNotConfirmedMayHaveTakenEffectAndFurtherWritesAreRefusedUntilItConfirmsAgain()
      throws Exception {
    replica.answer = new ReplicaDatabase.Answer.Silent();
    CommandAnswer late = answer(write());
    assertRefused(late, ErrorCode.TIMEOUT);
    assertThat(((Rejected) late).detail()).contains("may still take effect");
    assertThat(barrier.refusal()).isNotNull().returns(ErrorCode.REPLICA_AWAY, Rejected::code);
    replica.answer = new ReplicaDatabase.Answer.Holds(Set.of());
    await().atMost(Duration.ofSeconds(20)).until(() -> barrier.refusal() == null);
    assertThat(answer(write())).isInstanceOf(Accepted.class);
  }

  @Test
  void aReplicaThatIsNotConnectedIsNotWaitedForAgainAndAgain() throws Exception {
    replica.answer = new ReplicaDatabase.Answer.Silent();
    replica.state = ReplicaDatabase.State.AWAY;
    answer(write());
    await().atMost(Duration.ofSeconds(20)).until(() -> replica.looks.get() > 1);
    assertThat(replica.asked).hasSize(1);
    replica.state = ReplicaDatabase.State.CONNECTED;
    await().atMost(Duration.ofSeconds(20)).until(() -> replica.asked.size() > 1);
  }

  @Test
  void withoutAReplicaOrWhileItIsAwayAWriteIsRefusedBeforeItIsOne() {
    replica.state = ReplicaDatabase.State.NONE;
    assertThat(barrier.refusal())
        .isNotNull()
        .returns(ErrorCode.REPLICA_NOT_CONFIGURED, Rejected::code);
    replica.state = ReplicaDatabase.State.AWAY;
    // What was known is good for a quarter of a second.
    now.addAndGet(TimeUnit.MILLISECONDS.toNanos(251));
    assertThat(barrier.refusal()).isNotNull().returns(ErrorCode.REPLICA_AWAY, Rejected::code);
    replica.state = ReplicaDatabase.State.CONNECTED;
    assertThat(barrier.refusal()).isNotNull();
    now.addAndGet(TimeUnit.MILLISECONDS.toNanos(251));
    assertThat(barrier.refusal()).isNull();
    replica.broken = true;
    now.addAndGet(TimeUnit.MILLISECONDS.toNanos(251));
    assertThat(barrier.refusal()).isNotNull().returns(ErrorCode.REPLICA_AWAY, Rejected::code);
  }

  @Test
  void whatTheDatabaseDoesNotHaveIsNotAcknowledgedAndOthersAre() throws Exception {
    PendingCommand first = asking();
    PendingCommand lost = write();
    PendingCommand kept = write();
    replica.answer = new ReplicaDatabase.Answer.Holds(idsOf(lost));
    replica.gate.countDown();
    assertThat(answer(first)).isInstanceOf(Accepted.class);
    assertRefused(answer(lost), ErrorCode.TIMEOUT);
    assertThat(answer(kept)).isInstanceOf(Accepted.class);
    assertThat(barrier.refusal()).isNull();
  }

  @Test
  void aReadPositionWaitsWithoutAnEntryToLookFor() throws Exception {
    assertThat(answer(write(new GroupCommand.MarkRead(1), false))).isInstanceOf(Accepted.class);
    assertThat(replica.asked).containsExactly(Set.of());
  }

  @Test
  void whereThereIsNoReplicaAnEarlierWriteIsNotConfirmedEither() throws Exception {
    replica.answer = new ReplicaDatabase.Answer.Absent();
    GroupCommand post = new GroupCommand.PostMessage("x", null);
    assertRefused(answer(write(post, true)), ErrorCode.REPLICA_NOT_CONFIGURED);
    assertRefused(answer(write(post, false)), ErrorCode.TIMEOUT);
  }

  @Test
  void whatWaitsIsBounded() throws Exception {
    PendingCommand first = asking();
    for (int i = 0; i < MOST; i++) {
      assertThat(write().answer()).isNotDone();
    }
    assertRefused(answer(write()), ErrorCode.TIMEOUT);
    replica.gate.countDown();
    assertThat(answer(first)).isInstanceOf(Accepted.class);
  }

  @Test
  void whoWaitsForADatabaseThatDoesNotAnswerIsAnsweredAtItsDeadline() throws Exception {
    PendingCommand first = asking();
    PendingCommand second = write();
    barrier.expire(DEADLINE.minusMillis(1));
    assertThat(first.answer()).isNotDone();
    barrier.expire(DEADLINE);
    assertRefused(answer(first), ErrorCode.TIMEOUT);
    assertRefused(answer(second), ErrorCode.TIMEOUT);
    replica.gate.countDown();
    assertThat(answer(write())).isInstanceOf(Accepted.class);
    assertRefused(answer(first), ErrorCode.TIMEOUT);
  }

  @Test
  void atAStopThoseWhoWaitAreStillConfirmedAndAfterItNobodyWaitsForEver() throws Exception {
    PendingCommand first = asking();
    PendingCommand second = write();
    barrier.stop();
    replica.gate.countDown();
    assertThat(answer(first)).isInstanceOf(Accepted.class);
    assertThat(answer(second)).isInstanceOf(Accepted.class);
    assertThat(thread.join(Duration.ofSeconds(20))).isTrue();
    assertRefused(answer(write()), ErrorCode.TIMEOUT);
  }

  @Test
  void whoIsGivenUpWhileTheReplicaIsAskedHasAnAnswer() throws Exception {
    PendingCommand first = asking();
    PendingCommand second = write();
    barrier.stop();
    barrier.abandon();
    assertRefused(answer(first), ErrorCode.TIMEOUT);
    assertRefused(answer(second), ErrorCode.TIMEOUT);
  }
}
