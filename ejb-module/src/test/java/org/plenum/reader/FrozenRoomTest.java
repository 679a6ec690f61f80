package org.plenum.reader;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.plenum.group.api.GroupId;
import org.plenum.platform.metrics.SilentMeters;
import org.plenum.update.JdbcUpdateLog;
import org.plenum.update.Update;
import org.plenum.update.UpdateLog;
import org.plenum.writer.TestWriter;

/** A node beside a frozen member of the data grid starts, follows and ends (ADR 0057). */
class FrozenRoomTest {
  private static final Duration SURELY = Duration.ofSeconds(30);

  @TempDir Path folder;

  private final InMemoryRoomStore room = new InMemoryRoomStore();
  private final CountDownLatch thaw = new CountDownLatch(1);
  private final ManualStream stream = new ManualStream(0);
  private final AtomicInteger leaseAsked = new AtomicInteger();
  private final ThreadPoolExecutor threads =
      new ThreadPoolExecutor(0, 2, 60, TimeUnit.SECONDS, new SynchronousQueue<>());
  private volatile boolean lapsed;
  private TestWriter writer;
  private RandomChat chat;
  private ReaderStore store;
  private Reader reader;
  private Applier applier;
  private Thread loop;

  /** The lease of the room: held when it is asked for, and run out when the test says so. */
  private final class Lease implements ApplierLease {
    @Override
    public long epoch() {
      leaseAsked.incrementAndGet();
      lapsed = false;
      return 1;
    }

    @Override
    public boolean lapsed() {
      return lapsed;
    }
  }

  @BeforeEach
  void open() throws Exception {
    writer = new TestWriter();
    chat = new RandomChat(writer, new Random(11));
    store = new JdbcReaderStore(writer.dataSource(), Duration.ofSeconds(5));
  }

  @AfterEach
  void close() throws Exception {
    thaw.countDown();
    if (applier != null) {
      applier.stop();
    }
    if (loop != null) {
      loop.join();
    }
    threads.shutdownNow();
    writer.close();
  }

  private void start() {
    UpdateLog log = new JdbcUpdateLog(writer.dataSource());
    RoomCalls calls =
        new RoomCalls(threads, Duration.ofMillis(20), Duration.ofSeconds(5), System::nanoTime);
    reader =
        Reader.start(
            TestConfig.of(1_000),
            store,
            room,
            calls,
            log,
            new Lease(),
            stream,
            folder,
            Clock.systemUTC(),
            new SilentMeters());
    applier = Objects.requireNonNull(reader.applier());
  }

  private void runLoop() {
    loop = Thread.ofPlatform().start(applier::run);
  }

  private void chat(int updates) {
    List<Update> all = new ArrayList<>();
    while (all.size() < updates) {
      List<Update> some = chat.step();
      stream.deliver(some);
      all.addAll(some);
    }
  }

  private void readGroups() {
    ReaderSource source = new ReaderSource(store, reader.room(), TestConfig.meters());
    for (GroupId group : chat.groups) {
      assertThat(reader.near().group(group, source::group)).isNotNull();
    }
  }

  @Test
  void aNodeStartsAndServesAndFillsTheRoomWhenItThaws() throws Exception {
    room.frozen = thaw;
    assertTimeoutPreemptively(SURELY, this::start);
    runLoop();
    assertThat(applier.begun(Duration.ofMillis(50))).isFalse();
    chat(20);
    assertTimeoutPreemptively(SURELY, this::readGroups);

    room.frozen = null;
    thaw.countDown();
    assertThat(applier.begun(SURELY)).isTrue();
    chat(1);
    await().until(() -> room.applied() == reader.near().applied());
  }

  @Test
  void whileItWaitsTheApplierRenewsNothingAndDoesNotSayThatItApplies() {
    start();
    runLoop();
    await().until(applier::applying);
    room.frozen = thaw;
    int calls = room.reached.get();
    chat(10);
    await().until(() -> room.reached.get() > calls);
    int asked = leaseAsked.get();
    lapsed = true;
    assertThat(applier.applying()).isFalse();
    assertThat(reader.status(0).applying()).isFalse();
    assertThat(leaseAsked.get()).isEqualTo(asked);

    room.frozen = null;
    thaw.countDown();
    await().until(applier::applying);
  }

  @Test
  void theStreamGoesOnWhenTheDatabaseLostUpdatesAndTheRoomIsEmptiedLater() {
    start();
    applier.tick();
    chat(20);
    readGroups();
    applier.tick();
    assertThat(room.values).isNotEmpty();
    room.frozen = thaw;
    assertTimeoutPreemptively(SURELY, () -> stream.anotherHistory(7));

    room.frozen = null;
    thaw.countDown();
    room.put(RoomKind.GROUP, "of the lost history", new byte[0]);
    applier.tick();
    assertThat(room.values).isEmpty();
    assertThat(room.applied()).isZero();
  }

  @Test
  void anApplierThatIsAbandonedEndsWithTheCallInWhichItWaits() throws Exception {
    start();
    runLoop();
    await().until(applier::applying);
    chat(40);
    readGroups();
    await().until(() -> !room.values.isEmpty() && room.applied() == reader.near().applied());
    room.frozen = thaw;
    int calls = room.reached.get();
    chat(40);
    await().until(() -> room.reached.get() > calls);
    applier.stop();
    applier.abandon();
    int waiting = room.reached.get();

    room.frozen = null;
    thaw.countDown();
    assertThat(loop.join(SURELY)).isTrue();
    assertThat(room.reached.get() - waiting).as("calls after the one that waited").isLessThan(2);
  }
}
