package org.plenum.update;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.plenum.group.api.EntryKind;
import org.plenum.group.api.GroupId;
import org.plenum.platform.ErrorCode;
import org.plenum.platform.ServiceException;

class OrderedUpdateStreamTest {
  private static final GroupId GROUP = new GroupId(new UUID(1, 2));

  /** The truth: whatever is committed. */
  private static final class MemoryLog implements UpdateLog {
    final List<Update> committed = new CopyOnWriteArrayList<>();
    final AtomicBoolean away = new AtomicBoolean();

    @Override
    public List<Update> after(long revision, int limit) {
      if (away.get()) {
        throw new ServiceException(ErrorCode.READ_UNAVAILABLE, "away");
      }
      return committed.stream().filter(u -> u.revision() > revision).limit(limit).toList();
    }

    @Override
    public long lastRevision() {
      return committed.isEmpty() ? 0 : committed.getLast().revision();
    }

    @Override
    public long firstRevision() {
      return committed.isEmpty() ? 1 : committed.getFirst().revision();
    }
  }

  private final MemoryLog log = new MemoryLog();
  private final List<Long> seen = new CopyOnWriteArrayList<>();
  private OrderedUpdateStream stream = stream(16, 50);
  private Thread thread = new Thread();

  private OrderedUpdateStream stream(int inbox, long pollMillis) {
    return new OrderedUpdateStream(log, inbox, 64, 10, pollMillis);
  }

  private void start() {
    stream.subscribe(updates -> updates.forEach(update -> seen.add(update.revision())));
    thread = Thread.ofPlatform().start(stream::run);
  }

  @AfterEach
  void stop() throws Exception {
    stream.stop();
    thread.interrupt();
    thread.join(Duration.ofSeconds(10));
  }

  private static Update update(long revision) {
    return new Update(
        revision, 1, GROUP, revision, EntryKind.MESSAGE_POSTED, 1, 0, 0, revision, new byte[0]);
  }

  private void awaitAll(int count) {
    await()
        .atMost(Duration.ofSeconds(10))
        .untilAsserted(
            () ->
                assertThat(seen)
                    .containsExactlyElementsOf(LongStream.rangeClosed(1, count).boxed().toList()));
  }

  private static Update update(long revision, long epoch) {
    return new Update(
        revision, epoch, GROUP, revision, EntryKind.MESSAGE_POSTED, 1, 0, 0, revision, new byte[0]);
  }

  /** The log's last ten updates are lost and others take their revisions, under a later epoch. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void updatesThatADatabaseLostAndReplacedAreNotTakenForThoseThatWereApplied(boolean byPoll) {
    List<Long> histories = new CopyOnWriteArrayList<>();
    List<Update> given = new CopyOnWriteArrayList<>();
    stream = stream(16, byPoll ? 50 : 600_000);
    stream.subscribe(
        new UpdateListener() {
          @Override
          public void onUpdates(List<Update> updates) {
            given.addAll(updates);
          }

          @Override
          public void onAnotherHistory(long revision) {
            histories.add(revision);
            given.clear();
          }
        });
    start();
    for (long revision = 1; revision <= 100; revision++) {
      log.committed.add(update(revision, 1));
    }
    stream.offer(List.copyOf(log.committed));
    awaitAll(100);

    log.committed.subList(90, 100).clear();
    for (long revision = 91; revision <= 101; revision++) {
      log.committed.add(update(revision, 2));
    }
    if (!byPoll) {
      // The batches of the lost revisions did not come here, the one after them does.
      stream.offer(List.of(update(101, 2)));
    }
    await().atMost(Duration.ofSeconds(10)).until(() -> !histories.isEmpty());
    log.committed.add(update(102, 2));
    stream.offer(List.of(update(102, 2)));
    await().atMost(Duration.ofSeconds(10)).until(() -> stream.appliedRevision() == 102);
    assertThat(histories).containsExactly(101L);
    assertThat(given).extracting(Update::epoch).containsOnly(2L);
  }

  @Test
  void aDatabaseThatWentBackIsFollowedFromThere() {
    List<Long> histories = new CopyOnWriteArrayList<>();
    stream.subscribe(
        new UpdateListener() {
          @Override
          public void onUpdates(List<Update> updates) {}

          @Override
          public void onAnotherHistory(long revision) {
            histories.add(revision);
          }
        });
    start();
    for (long revision = 1; revision <= 20; revision++) {
      log.committed.add(update(revision, 1));
    }
    awaitAll(20);
    log.committed.subList(15, 20).clear();
    await().atMost(Duration.ofSeconds(10)).until(() -> histories.contains(15L));
    log.committed.add(update(16, 2));
    await().atMost(Duration.ofSeconds(10)).until(() -> stream.appliedRevision() == 16);
  }

  @Test
  void anErrorOfAListenerDoesNotEndTheStream() {
    AtomicBoolean failing = new AtomicBoolean(true);
    stream.subscribe(
        updates -> {
          if (failing.getAndSet(false)) {
            throw new StackOverflowError("test");
          }
        });
    start();
    for (long revision = 1; revision <= 3; revision++) {
      log.committed.add(update(revision));
      stream.offer(List.of(update(revision)));
    }
    awaitAll(3);
    assertThat(thread.isAlive()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(longs = {11, 12, 13, 14, 15, 16, 17, 18})
  void lostDoubledAndReorderedBatchesComeOutOnceAndInOrder(long seed) {
    start();
    Random random = new Random(seed);
    List<List<Update>> batches = new ArrayList<>();
    long revision = 1;
    while (revision <= 500) {
      List<Update> batch = new ArrayList<>();
      for (int i = random.nextInt(7) + 1; i > 0 && revision <= 500; i--) {
        batch.add(update(revision++));
      }
      log.committed.addAll(batch);
      if (random.nextInt(5) > 0) {
        batches.add(batch);
      }
      if (random.nextInt(5) == 0) {
        batches.add(batch);
      }
    }
    Collections.shuffle(batches, random);
    batches.forEach(stream::offer);
    awaitAll(500);
    assertThat(stream.appliedRevision()).isEqualTo(500);
  }

  @Test
  void aSilentGapIsClosedByThePoll() {
    start();
    for (long revision = 1; revision <= 25; revision++) {
      log.committed.add(update(revision));
    }
    awaitAll(25);
  }

  @Test
  void aFullInboxCostsNothingButTheReadOfTheLog() {
    stream = stream(1, 50);
    for (long revision = 1; revision <= 200; revision++) {
      log.committed.add(update(revision));
      stream.offer(List.of(update(revision)));
    }
    start();
    awaitAll(200);
  }

  @Test
  void whileTheLogIsAwayLiveUpdatesFlowAndTheGapIsClosedAfterwards() {
    start();
    for (long revision = 1; revision <= 9; revision++) {
      log.committed.add(update(revision));
    }
    log.away.set(true);
    stream.offer(log.committed.subList(0, 3));
    awaitAll(3);
    stream.offer(log.committed.subList(5, 9));
    log.away.set(false);
    awaitAll(9);
  }

  @Test
  void aListenerSeesExactlyWhatComesAfterItsSubscription() {
    start();
    log.committed.addAll(List.of(update(1), update(2)));
    stream.offer(List.copyOf(log.committed));
    awaitAll(2);
    List<Long> late = new CopyOnWriteArrayList<>();
    long from = stream.subscribe(updates -> updates.forEach(u -> late.add(u.revision())));
    log.committed.add(update(3));
    stream.offer(List.of(update(3)));
    await()
        .atMost(Duration.ofSeconds(10))
        .untilAsserted(() -> assertThat(late).containsExactly(3L));
    assertThat(from).isEqualTo(2);
  }
}
