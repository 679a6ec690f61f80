package org.plenum.reader;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.plenum.group.api.Actor;
import org.plenum.group.api.ReadPoint;
import org.plenum.platform.metrics.SilentMeters;
import org.plenum.reader.api.ConsistencyReport;
import org.plenum.reader.api.ConsistencyReport.Difference;
import org.plenum.update.JdbcUpdateLog;
import org.plenum.update.Update;
import org.plenum.update.UpdateLog;
import org.plenum.writer.TestWriter;

/** The comparison of near cache, window and cache of the room with the database (GRP-5). */
class ConsistencyChecksTest {
  private static final Duration LIMIT = Duration.ofSeconds(30);

  @TempDir Path folder;

  private final InMemoryRoomStore room = new InMemoryRoomStore();
  private final ManualStream stream = new ManualStream(0);
  private TestWriter writer;
  private ReaderStore store;
  private UpdateLog log;
  private RandomChat chat;
  private Reader reader;

  @BeforeEach
  void open() throws Exception {
    writer = new TestWriter();
    store = new JdbcReaderStore(writer.dataSource(), Duration.ofSeconds(5));
    log = new JdbcUpdateLog(writer.dataSource());
    chat = new RandomChat(writer, new Random(23));
    reader =
        Reader.start(
            TestConfig.of(1_000),
            store,
            room,
            RoomCalls.DIRECT,
            log,
            () -> 1,
            stream,
            folder,
            Clock.systemUTC(),
            new SilentMeters());
  }

  @AfterEach
  void close() throws Exception {
    writer.close();
  }

  private void run(int updates) {
    int delivered = 0;
    while (delivered < updates) {
      List<Update> some = chat.step();
      stream.deliver(some);
      delivered += some.size();
    }
  }

  private void readEverything() {
    for (Actor person : chat.people) {
      reader.queries().subscriptions(person.id());
    }
    ReaderSource source = new ReaderSource(store, reader.room(), TestConfig.meters());
    for (SegmentKey key : Truth.read(store, chat.groups, chat.people).segments()) {
      reader
          .near()
          .segment(
              key, (missing, fromTruth) -> source.segment(missing, fromTruth, ReadPoint.any()));
    }
  }

  private void applyToTheRoom() {
    Objects.requireNonNull(reader.applier()).tick();
  }

  /** Chats until caches and room hold something of each kind. */
  private void fill() {
    run(150);
    readEverything();
    applyToTheRoom();
  }

  @Test
  void nothingDiffersAndEachKindIsCompared() {
    fill();
    ConsistencyReport report = reader.consistency(0, LIMIT);
    assertThat(report.differences()).isEmpty();
    assertThat(report.complete()).isTrue();
    assertThat(report.unsettled()).isZero();
    assertThat(report.groups()).isPositive();
    assertThat(report.accounts()).isPositive();
    assertThat(report.segments()).isPositive();
    assertThat(report.updates()).isGreaterThanOrEqualTo(150);
    assertThat(report.room()).isEqualTo(room.values.size());
    assertThat(report.revision()).isEqualTo(log.lastRevision());
    assertThat(report.roomRevision()).isEqualTo(log.lastRevision());
  }

  @Test
  void aGroupThatIsAnotherInTheDatabaseIsFoundInNearCacheAndRoom() throws Exception {
    fill();
    writer.sql("UPDATE chat_group SET member_count = member_count + 1");
    assertThat(reader.consistency(1, LIMIT).differences())
        .extracting(Difference::cache, Difference::kind)
        .containsExactly(tuple("near", "group"), tuple("room", "group"));
  }

  @Test
  void aValueOfTheRoomThatNoNearCacheHoldsIsCompared() {
    fill();
    // The room of a node that has just started and holds nothing itself.
    ManualStream later = new ManualStream(log.lastRevision());
    Reader fresh =
        new Reader(
            new NearCache(TestConfig.of(1_000), TestConfig.meters(), value -> {}),
            reader.queries(),
            store,
            reader.room(),
            log,
            null,
            null);
    fresh.near().startAt(later.appliedRevision());
    InMemoryRoomStore.Key damaged =
        room.values.keySet().stream()
            .filter(key -> key.kind() == RoomKind.ACCOUNT)
            .findFirst()
            .orElseThrow();
    long account = Long.parseLong(damaged.text());
    room.values.put(damaged, RoomCodec.encode(account, List.of(), 1));

    ConsistencyReport report = fresh.consistency(0, LIMIT);
    assertThat(report.groups() + report.segments() + report.accounts()).isZero();
    assertThat(report.room()).isEqualTo(room.values.size());
    assertThat(report.differences())
        .extracting(Difference::cache, Difference::kind, Difference::key)
        .containsExactly(tuple("room", "account", damaged.text()));
  }

  @Test
  void aWindowOfAnotherHistoryIsFound() throws Exception {
    fill();
    writer.sql("UPDATE update_log SET epoch = epoch + 5");
    assertThat(reader.consistency(2, LIMIT).differences())
        .extracting(Difference::cache, Difference::kind, Difference::key)
        .containsExactly(
            tuple("window", "update", Long.toString(log.lastRevision() - 1)),
            tuple("window", "update", Long.toString(log.lastRevision())));
  }

  @Test
  void whatTheDatabaseHasAndTheNodeWasNotGivenIsADifference() {
    fill();
    long before = log.lastRevision();
    while (log.lastRevision() < before + 60) {
      var undelivered = chat.step();
    }
    ConsistencyReport report = reader.consistency(2, LIMIT);
    assertThat(report.revision()).isEqualTo(before);
    assertThat(report.differences())
        .isNotEmpty()
        .allSatisfy(
            difference ->
                assertThat(difference.detail())
                    .contains("the node has applied " + before + " of " + log.lastRevision()));
  }

  @Test
  void whatChangesWhileItIsComparedIsNoDifference() throws Exception {
    fill();
    AtomicBoolean stop = new AtomicBoolean();
    try (ExecutorService threads = Executors.newSingleThreadExecutor()) {
      Future<?> chatting =
          threads.submit(
              () -> {
                List<Update> waiting = new ArrayList<>();
                for (int i = 0; !stop.get(); i++) {
                  waiting.addAll(chat.step());
                  // The stream is behind the database, and the room behind the stream.
                  if (i % 3 == 0) {
                    stream.deliver(List.copyOf(waiting));
                    waiting.clear();
                  }
                  if (i % 40 == 0) {
                    applyToTheRoom();
                  }
                }
                stream.deliver(waiting);
              });
      long from = reader.near().applied();
      for (int i = 0; i < 20; i++) {
        ConsistencyReport report = reader.consistency(20, LIMIT);
        assertThat(report.differences()).isEmpty();
        assertThat(report.groups()).isPositive();
        assertThat(report.room()).isPositive();
      }
      stop.set(true);
      chatting.get();
      assertThat(reader.near().applied()).isGreaterThan(from + 100);
    }
  }

  @Test
  void whenTheTimeIsOverTheReportSaysThatItIsNotComplete() {
    fill();
    ConsistencyReport report = reader.consistency(0, Duration.ofNanos(1));
    assertThat(report.complete()).isFalse();
    assertThat(report.groups() + report.segments() + report.accounts() + report.room()).isZero();
  }

  @Test
  void aRoomThatCannotBeReadIsSaidByItsRevision() {
    fill();
    room.failing = true;
    ConsistencyReport report = reader.consistency(0, LIMIT);
    assertThat(report.roomRevision()).isEqualTo(-1);
    assertThat(report.complete()).isFalse();
    assertThat(report.room()).isZero();
    assertThat(report.groups()).isPositive();
    assertThat(report.differences()).isEmpty();
  }
}
