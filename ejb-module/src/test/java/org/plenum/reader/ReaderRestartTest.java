package org.plenum.reader;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.plenum.group.api.Actor;
import org.plenum.group.api.GroupCommand;
import org.plenum.group.api.GroupId;
import org.plenum.group.api.GroupType;
import org.plenum.group.api.PostingRule;
import org.plenum.group.api.ReadPoint;
import org.plenum.platform.metrics.SilentMeters;
import org.plenum.update.JdbcUpdateLog;
import org.plenum.update.Update;
import org.plenum.update.UpdateLog;
import org.plenum.writer.TestWriter;

/** The cache of the room over faults and restarts (GRP-5, GRP-6, GRP-7). */
class ReaderRestartTest {
  private static final Actor AUTHOR = new Actor(77, "Author");

  @TempDir Path folder;

  private TestWriter writer;
  private ReaderStore store;
  private UpdateLog log;
  private RandomChat chat;

  @BeforeEach
  void open() throws Exception {
    writer = new TestWriter();
    store = new JdbcReaderStore(writer.dataSource(), Duration.ofSeconds(5));
    log = new JdbcUpdateLog(writer.dataSource());
    chat = new RandomChat(writer, new Random(11));
  }

  @AfterEach
  void close() throws Exception {
    writer.close();
  }

  private Reader start(InMemoryRoomStore room, ManualStream stream) {
    return start(room, stream, () -> 1);
  }

  private Reader start(InMemoryRoomStore room, ManualStream stream, ApplierLease lease) {
    return Reader.start(
        TestConfig.of(1_000),
        store,
        room,
        RoomCalls.DIRECT,
        log,
        lease,
        stream,
        folder,
        Clock.systemUTC(),
        new SilentMeters());
  }

  private void run(ManualStream stream, int updates) {
    List<Update> all = new ArrayList<>();
    while (all.size() < updates) {
      List<Update> some = chat.step();
      stream.deliver(some);
      all.addAll(some);
    }
  }

  private static Applier applier(Reader reader) {
    return Objects.requireNonNull(reader.applier());
  }

  private static Snapshots snapshots(Reader reader) {
    return Objects.requireNonNull(reader.snapshots());
  }

  private void readEverything(Reader reader) {
    Truth truth = Truth.read(store, chat.groups, chat.people);
    for (Actor person : chat.people) {
      reader.queries().subscriptions(person.id());
    }
    for (SegmentKey key : truth.segments()) {
      reader
          .near()
          .segment(
              key,
              (missing, fromTruth) ->
                  new ReaderSource(store, reader.room(), TestConfig.meters())
                      .segment(missing, fromTruth, ReadPoint.any()));
    }
  }

  private int roomHoldsTheTruth(InMemoryRoomStore room) {
    Truth truth = Truth.read(store, chat.groups, chat.people);
    assertThat(room.applied()).isEqualTo(truth.revision());
    room.forEach(RoomKind.GROUP, (key, value) -> truth.isHeldBy(RoomCodec.group(value, 0)));
    room.forEach(RoomKind.SEGMENT, (key, value) -> truth.isHeldBy(RoomCodec.segment(value, 0)));
    room.forEach(RoomKind.ACCOUNT, (key, value) -> truth.isHeldBy(RoomCodec.account(value, 0)));
    return room.values.size();
  }

  @Test
  void theRoomHoldsTheTruthAfterEachFlush() {
    InMemoryRoomStore room = new InMemoryRoomStore();
    ManualStream stream = new ManualStream(0);
    Reader reader = start(room, stream);
    for (int i = 0; i < 40; i++) {
      run(stream, 10);
      if (i % 7 == 0) {
        readEverything(reader);
      }
      applier(reader).tick();
      roomHoldsTheTruth(room);
    }
    assertThat(room.values.size()).isGreaterThan(5);
  }

  @Test
  void aRestartGoesOnFromTheSnapshotAndTheLog() {
    InMemoryRoomStore room = new InMemoryRoomStore();
    ManualStream stream = new ManualStream(0);
    Reader reader = start(room, stream);
    run(stream, 150);
    readEverything(reader);
    applier(reader).tick();
    snapshots(reader).write();
    assertThat(snapshots(reader).state().revision()).isEqualTo(room.applied());
    run(stream, 150);

    InMemoryRoomStore fresh = new InMemoryRoomStore();
    start(fresh, new ManualStream(log.lastRevision()));
    assertThat(roomHoldsTheTruth(fresh)).isGreaterThan(5);
  }

  @Test
  void aRestartServesFromTheRoomWithoutTheDatabase() throws Exception {
    InMemoryRoomStore room = new InMemoryRoomStore();
    ManualStream stream = new ManualStream(0);
    Reader reader = start(room, stream);
    run(stream, 150);
    readEverything(reader);
    applier(reader).tick();
    snapshots(reader).write();

    Reader again = start(new InMemoryRoomStore(), new ManualStream(log.lastRevision()));
    Truth truth = Truth.read(store, chat.groups, chat.people);
    ReaderSource roomOnly = new ReaderSource(new AbsentStore(), again.room(), TestConfig.meters());
    for (GroupId group : chat.groups) {
      truth.isHeldBy(Objects.requireNonNull(again.near().group(group, roomOnly::group)));
    }
  }

  @Test
  void aDamagedSnapshotIsRefusedAndTheOlderOneUsed() throws IOException {
    InMemoryRoomStore room = new InMemoryRoomStore();
    ManualStream stream = new ManualStream(0);
    Reader reader = start(room, stream);
    run(stream, 100);
    readEverything(reader);
    applier(reader).tick();
    snapshots(reader).write();
    long older = snapshots(reader).state().revision();
    run(stream, 100);
    applier(reader).tick();
    snapshots(reader).write();
    Path newest = files().getLast();
    byte[] bytes = Files.readAllBytes(newest);
    bytes[bytes.length / 2] ^= 1;
    Files.write(newest, bytes);

    InMemoryRoomStore fresh = new InMemoryRoomStore();
    Reader again = start(fresh, new ManualStream(log.lastRevision()));
    assertThat(snapshots(again).state().revision()).isEqualTo(older);
    assertThat(roomHoldsTheTruth(fresh)).isGreaterThan(5);
  }

  @Test
  void anErrorIsAFaultOfOneSnapshot() {
    InMemoryRoomStore room = new InMemoryRoomStore();
    ManualStream stream = new ManualStream(0);
    Reader reader = start(room, stream);
    run(stream, 50);
    applier(reader).tick();
    room.broken = new LinkageError("for a test");
    snapshots(reader).write();
    assertThat(snapshots(reader).state().fault()).contains("for a test");
    assertThat(snapshots(reader).state().revision()).isZero();

    room.broken = null;
    snapshots(reader).write();
    assertThat(snapshots(reader).state().fault()).isNull();
    assertThat(snapshots(reader).state().revision()).isEqualTo(log.lastRevision());
  }

  @Test
  void anErrorOfTheLeaseEndsNoApplier() throws Exception {
    AtomicInteger asked = new AtomicInteger();
    AtomicBoolean broken = new AtomicBoolean();
    Reader reader =
        start(
            new InMemoryRoomStore(),
            new ManualStream(0),
            () -> {
              asked.incrementAndGet();
              if (broken.get()) {
                throw new LinkageError("for a test");
              }
              return 1;
            });
    Thread thread = new Thread(applier(reader)::run);
    broken.set(true);
    thread.start();
    try {
      // In each turn and between them.
      await().until(() -> asked.get() > 20);
      assertThat(thread.isAlive()).isTrue();
    } finally {
      applier(reader).stop();
      thread.join();
    }
  }

  @Test
  void aSnapshotOfAnotherHistoryIsRefused() throws Exception {
    InMemoryRoomStore room = new InMemoryRoomStore();
    ManualStream stream = new ManualStream(0);
    Reader reader = start(room, stream);
    run(stream, 50);
    readEverything(reader);
    applier(reader).tick();
    snapshots(reader).write();
    writer.sql("UPDATE update_log SET epoch = epoch + 5");

    InMemoryRoomStore fresh = new InMemoryRoomStore();
    Reader again = start(fresh, new ManualStream(log.lastRevision()));
    assertThat(snapshots(again).state().revision()).isZero();
    assertThat(fresh.values).isEmpty();
  }

  @Test
  void afterARestoreOfTheDatabaseToAnEarlierStateTheSnapshotsAreThoseOfTheNewHistory()
      throws Exception {
    InMemoryRoomStore room = new InMemoryRoomStore();
    ManualStream stream = new ManualStream(0);
    Reader reader = start(room, stream);
    for (int i = 0; i < 2; i++) {
      run(stream, 60);
      readEverything(reader);
      applier(reader).tick();
      snapshots(reader).write();
    }
    assertThat(files()).hasSize(2);
    // The last one is ahead of the restored database, the one before has another epoch there.
    writer.sql("DELETE FROM update_log WHERE revision > 80");
    writer.sql("UPDATE update_log SET epoch = epoch + 5");

    InMemoryRoomStore fresh = new InMemoryRoomStore();
    Reader again = start(fresh, new ManualStream(log.lastRevision()));
    assertThat(files()).isEmpty();
    snapshots(again).write();
    assertThat(files()).singleElement().asString().contains("80");
  }

  @Test
  void nothingOfUpdatesThatTheDatabaseLostStaysInTheCaches() throws Exception {
    InMemoryRoomStore room = new InMemoryRoomStore();
    ManualStream stream = new ManualStream(0);
    Reader reader = start(room, stream);
    GroupId group = GroupId.newId(writer.clock());
    execute(
        stream,
        group,
        new GroupCommand.CreateGroup(
            GroupType.PUBLIC, "General", "", PostingRule.EVERYONE, 0, null, List.of()));
    execute(stream, group, new GroupCommand.PostMessage("kept", null));
    execute(stream, group, new GroupCommand.PostMessage("lost", null));
    reader.queries().historyFrom(AUTHOR.id(), group, 1, 50, ReadPoint.any());
    applier(reader).tick();
    writer.sql("DELETE FROM update_log WHERE revision = 3");
    writer.sql("DELETE FROM timeline_entry WHERE seq = 3");

    stream.anotherHistory(2);
    assertThat(text(reader, group)).contains("kept").doesNotContain("lost");
    applier(reader).tick();
    assertThat(room.applied()).isZero();
    writer.reopen();
    execute(stream, group, new GroupCommand.PostMessage("instead", null));
    applier(reader).tick();
    assertThat(text(reader, group)).contains("kept", "instead").doesNotContain("lost");
    assertThat(room.applied()).isEqualTo(3);
    room.forEach(
        RoomKind.SEGMENT,
        (key, value) ->
            assertThat(new String(value, StandardCharsets.ISO_8859_1)).doesNotContain("lost"));
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aNodeThatDoesNotWriteTheRoomStopsItsBeingReadWhenTheDatabaseLostUpdates(boolean away) {
    InMemoryRoomStore room = new InMemoryRoomStore();
    ManualStream stream = new ManualStream(7);
    Reader reader = start(room, stream, ApplierLease.NEVER);
    room.applied(110);
    room.failing = away;
    stream.anotherHistory(100);
    room.failing = false;
    applier(reader).tick();
    assertThat(room.applied()).isZero();
  }

  private static String text(Reader reader, GroupId group) {
    StringBuilder text = new StringBuilder();
    for (byte[] entry :
        reader.queries().historyFrom(AUTHOR.id(), group, 1, 50, ReadPoint.any()).entries()) {
      text.append(new String(entry, StandardCharsets.UTF_8));
    }
    return text.toString();
  }

  @Test
  void aSnapshotOfTheNewHistoryReplacesThoseThatAreAheadOfIt() throws Exception {
    InMemoryRoomStore room = new InMemoryRoomStore();
    ManualStream stream = new ManualStream(0);
    Reader reader = start(room, stream);
    for (int i = 0; i < 2; i++) {
      run(stream, 60);
      applier(reader).tick();
      snapshots(reader).write();
    }
    room.applied(70);
    snapshots(reader).write();
    assertThat(files()).last().asString().contains("70");
    assertThat(files()).hasSizeBetween(1, 2);
  }

  @Test
  void onlyTwoSnapshotsAreKeptAndNoneIsWrittenWhenNothingChanged() throws IOException {
    InMemoryRoomStore room = new InMemoryRoomStore();
    ManualStream stream = new ManualStream(0);
    Reader reader = start(room, stream);
    for (int i = 0; i < 4; i++) {
      run(stream, 10);
      applier(reader).tick();
      snapshots(reader).write();
      snapshots(reader).write();
    }
    // One when the last thing said was recalled.
    assertThat(files()).hasSizeBetween(1, 2);
    assertThat(files().getLast().toString())
        .contains(Long.toString(snapshots(reader).state().revision()));
  }

  @Test
  void aRecalledTextLeavesTheDiskAlsoWhenNothingElseHappens() throws IOException {
    InMemoryRoomStore room = new InMemoryRoomStore();
    ManualStream stream = new ManualStream(0);
    Reader reader = start(room, stream);
    GroupId group = GroupId.newId(writer.clock());
    execute(
        stream,
        group,
        new GroupCommand.CreateGroup(
            GroupType.PUBLIC, "General", "", PostingRule.EVERYONE, 0, null, List.of()));
    execute(stream, group, new GroupCommand.PostMessage("a word too many", null));
    reader.queries().historyFrom(AUTHOR.id(), group, 1, 50, ReadPoint.any());
    applier(reader).tick();
    snapshots(reader).write();
    assertThat(onDisk()).contains("a word too many");

    execute(stream, group, new GroupCommand.RecallMessage(2));
    applier(reader).tick();
    snapshots(reader).write();
    assertThat(files()).hasSize(2);
    snapshots(reader).write();

    assertThat(files()).hasSize(1);
    assertThat(onDisk()).doesNotContain("a word too many");
  }

  @Test
  void whatAKilledProcessWasWritingLeavesTheDisk() throws IOException {
    InMemoryRoomStore room = new InMemoryRoomStore();
    ManualStream stream = new ManualStream(0);
    Reader reader = start(room, stream);
    run(stream, 20);
    applier(reader).tick();
    snapshots(reader).write();
    Path unfinished = folder.resolve("reader-0000000000000000007.snapshot.part");
    Files.writeString(unfinished, "a word too many");
    // Also when nothing has changed since the last one.
    snapshots(reader).write();
    assertThat(unfinished).doesNotExist();
    assertThat(files()).hasSize(1);
  }

  private void execute(ManualStream stream, GroupId group, GroupCommand command) {
    TestWriter.Done done = writer.execute(group, AUTHOR, command);
    done.answer().orThrow();
    stream.deliver(done.updates());
  }

  private String onDisk() throws IOException {
    StringBuilder text = new StringBuilder();
    for (Path file : files()) {
      text.append(Files.readString(file, StandardCharsets.ISO_8859_1));
    }
    return text.toString();
  }

  @Test
  void aFolderThatCannotBeWrittenIsReportedAndHarmsNothing() throws IOException {
    Files.writeString(folder.resolve("taken"), "a file, not a folder");
    InMemoryRoomStore room = new InMemoryRoomStore();
    ManualStream stream = new ManualStream(0);
    Reader reader =
        Reader.start(
            TestConfig.of(1_000),
            store,
            room,
            RoomCalls.DIRECT,
            log,
            () -> 1,
            stream,
            folder.resolve("taken"),
            Clock.systemUTC(),
            new SilentMeters());
    run(stream, 20);
    applier(reader).tick();
    snapshots(reader).write();
    assertThat(reader.status(stream.appliedRevision()).snapshotFault()).isNotNull();
    readEverything(reader);
    roomHoldsTheTruth(room);
  }

  @Test
  void afterAFaultTheRoomIsClearedAndCurrentAgain() {
    InMemoryRoomStore room = new InMemoryRoomStore();
    ManualStream stream = new ManualStream(0);
    Reader reader = start(room, stream);
    run(stream, 60);
    readEverything(reader);
    applier(reader).tick();
    room.failing = true;
    run(stream, 60);
    applier(reader).tick();
    assertThat(reader.status(stream.appliedRevision()).roomSound()).isFalse();
    readEverything(reader);
    room.failing = false;
    run(stream, 5);
    applier(reader).tick();
    assertThat(reader.status(stream.appliedRevision()).roomSound()).isTrue();
    roomHoldsTheTruth(room);
  }

  @Test
  void whatTheQueueDroppedIsReadFromTheLog() {
    InMemoryRoomStore room = new InMemoryRoomStore();
    ManualStream stream = new ManualStream(0);
    Reader reader = start(room, stream);
    readEverything(reader);
    // The queue of the test takes 64 batches.
    for (int i = 0; i < 150; i++) {
      run(stream, 1);
    }
    applier(reader).tick();
    roomHoldsTheTruth(room);
  }

  /**
   * The log is ahead of the near cache while the stream is on its way: a value of the near cache
   * must not be stated for what it does not hold.
   */
  @Test
  void whatIsInTheLogButNotDeliveredYetIsNotStated() {
    InMemoryRoomStore room = new InMemoryRoomStore();
    List<List<Update>> toApplier = new ArrayList<>();
    NearCache near = new NearCache(TestConfig.of(1_000), TestConfig.meters(), value -> {});
    Applier applier =
        new Applier(
            near,
            room,
            RoomCalls.DIRECT,
            log,
            () -> 1,
            () -> 0,
            TestConfig.of(1_000),
            TestConfig.meters());
    near.startAt(0);
    GroupId group = GroupId.newId(writer.clock());
    toApplier.add(
        write(
            group,
            new GroupCommand.CreateGroup(
                GroupType.PUBLIC, "General", "", PostingRule.EVERYONE, 0, null, List.of())));
    toApplier.add(write(group, new GroupCommand.PostMessage("first", null)));
    List<Update> late = write(group, new GroupCommand.PostMessage("second", null));
    // The stream's thread is between the near cache and the applier's queue.
    toApplier.forEach(near::onUpdates);
    applier.tick();
    assertThat(room.applied()).isEqualTo(near.applied());

    toApplier.forEach(applier::offer);
    near.onUpdates(late);
    applier.offer(late);
    applier.tick();
    assertThat(room.applied()).isEqualTo(Truth.last(late));
    RoomReplica replica = new RoomReplica(room, TestConfig.meters());
    Truth truth = Truth.read(store, List.of(group), List.of(AUTHOR));
    truth.isHeldBy(Objects.requireNonNull(replica.group(group)));
    truth.isHeldBy(Objects.requireNonNull(replica.segment(new SegmentKey(group, 0))));
  }

  private List<Update> write(GroupId group, GroupCommand command) {
    TestWriter.Done done = writer.execute(group, AUTHOR, command);
    done.answer().orThrow();
    return done.updates();
  }

  private List<Path> files() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      Path[] sorted = files.sorted().toArray(Path[]::new);
      return Arrays.asList(sorted);
    }
  }
}
