package org.plenum.reader;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.plenum.group.api.GroupId;
import org.plenum.update.Update;
import org.plenum.writer.TestWriter;

/**
 * Loads race with updates. The history is written once and the truth after each commit kept; then
 * the stream, loads that are behind or ahead of it, evictions and bridges that are too short are
 * interleaved by a seed: whatever is held is the truth as of what is applied.
 */
class NearCacheInterleavingTest {
  private static final int UPDATES = 400;
  private static final int ROUNDS = 60;
  private static final List<List<Update>> COMMITS = new ArrayList<>();
  private static final NavigableMap<Long, Truth> TRUTHS = new TreeMap<>();
  private static List<GroupId> groups = List.of();

  @BeforeAll
  static void write() throws Exception {
    try (TestWriter writer = new TestWriter()) {
      ReaderStore store = new JdbcReaderStore(writer.dataSource(), Duration.ofSeconds(5));
      RandomChat chat = new RandomChat(writer, new Random(7));
      TRUTHS.put(0L, Truth.read(store, List.of(), chat.people));
      while (TRUTHS.lastKey() < UPDATES) {
        List<Update> updates = chat.step();
        if (!updates.isEmpty()) {
          COMMITS.add(updates);
          TRUTHS.put(Truth.last(updates), Truth.read(store, chat.groups, chat.people));
        }
      }
      groups = List.copyOf(chat.groups);
    }
  }

  @AfterAll
  static void forget() {
    COMMITS.clear();
    TRUTHS.clear();
  }

  /** One run of the history with a near cache. */
  private static final class Run {
    final Random random;
    final NearCache near;
    int delivered;

    Run(long seed) {
      random = new Random(seed);
      // Sometimes so few updates are kept that loads are overtaken.
      near =
          new NearCache(
              TestConfig.of(random.nextBoolean() ? 1_000 : 1 + random.nextInt(12)),
              TestConfig.meters(),
              value -> {});
      near.startAt(0);
    }

    void deliver(int commits) {
      List<Update> updates = new ArrayList<>();
      for (int i = 0; i < commits && delivered < COMMITS.size(); i++) {
        updates.addAll(COMMITS.get(delivered++));
      }
      // Cut anywhere: the stream does not keep commits together.
      int cut = updates.isEmpty() ? 0 : random.nextInt(updates.size() + 1);
      for (List<Update> part :
          List.of(updates.subList(0, cut), updates.subList(cut, updates.size()))) {
        if (!part.isEmpty()) {
          near.onUpdates(part);
        }
      }
    }

    /** A load: reads as of some revision, and updates flow before it comes back. */
    <T> T load(boolean fromTruth, Loading<T> loading) {
      long applied = near.applied();
      Truth read =
          fromTruth || random.nextInt(3) > 0
              ? TRUTHS
                  .floorEntry(Math.min(applied + random.nextInt(20), TRUTHS.lastKey()))
                  .getValue()
              : TRUTHS.floorEntry(Math.max(0, applied - random.nextInt(30))).getValue();
      if (fromTruth && read.revision() < applied) {
        read = TRUTHS.ceilingEntry(applied).getValue();
      }
      T loaded = loading.from(read);
      deliver(random.nextInt(6));
      return loaded;
    }

    void step() {
      deliver(random.nextInt(4));
      GroupId group = groups.get(random.nextInt(groups.size()));
      switch (random.nextInt(4)) {
        case 0 -> near.group(group, (id, truth) -> load(truth, read -> read.group(id)));
        case 1 ->
            near.segment(
                new SegmentKey(group, random.nextInt(2)),
                (key, truth) -> load(truth, read -> read.segment(key)));
        case 2 ->
            near.account(
                1 + random.nextInt(5), (id, truth) -> load(truth, read -> read.account(id)));
        default -> near.dropSegment(new SegmentKey(group, random.nextInt(2)));
      }
    }

    void check() {
      Truth truth = TRUTHS.get(near.applied());
      if (truth == null) {
        return;
      }
      near.groups().stream().filter(this::notAhead).forEach(truth::isHeldBy);
      near.accounts().stream().filter(this::notAhead).forEach(truth::isHeldBy);
      near.segments().stream().filter(this::notAhead).forEach(truth::isHeldBy);
    }

    private boolean notAhead(CachedValue value) {
      return value.revision() <= near.applied();
    }
  }

  private interface Loading<T> {
    T from(Truth truth);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 3, 4})
  void whatIsHeldIsTheTruthHoweverLoadsAndUpdatesInterleave(int block) {
    for (long seed = block * ROUNDS; seed < (block + 1) * ROUNDS; seed++) {
      Run run = new Run(seed);
      try {
        while (run.delivered < COMMITS.size()) {
          run.step();
          run.check();
        }
        TRUTHS.lastEntry().getValue().isHeldBy(run.near);
      } catch (AssertionError | RuntimeException e) {
        throw new AssertionError("seed " + seed + " at revision " + run.near.applied(), e);
      }
    }
  }

  @Test
  void whatIsHeldIsTheTruthAfterThreadsLoadedWhileUpdatesFlowed() throws Exception {
    for (int round = 0; round < 5; round++) {
      NearCache near = new NearCache(TestConfig.of(64), TestConfig.meters(), value -> {});
      near.startAt(0);
      AtomicBoolean done = new AtomicBoolean();
      CountDownLatch ready = new CountDownLatch(3);
      try (ExecutorService threads = Executors.newFixedThreadPool(3)) {
        List<Future<?>> loaders = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
          Random random = new Random(round * 10L + i);
          loaders.add(
              threads.submit(
                  () -> {
                    ready.countDown();
                    while (!done.get()) {
                      loadAnything(near, random);
                    }
                  }));
        }
        assertThat(ready.await(20, TimeUnit.SECONDS)).isTrue();
        COMMITS.forEach(near::onUpdates);
        done.set(true);
        for (Future<?> loader : loaders) {
          loader.get(20, TimeUnit.SECONDS);
        }
      }
      TRUTHS.lastEntry().getValue().isHeldBy(near);
    }
  }

  private static void loadAnything(NearCache near, Random random) {
    GroupId group = groups.get(random.nextInt(groups.size()));
    SegmentKey key = new SegmentKey(group, random.nextInt(2));
    switch (random.nextInt(4)) {
      case 0 -> near.group(group, (id, truth) -> database(near).group(id));
      case 1 -> near.segment(key, (id, truth) -> database(near).segment(id));
      case 2 -> near.account(1 + random.nextInt(5), (id, truth) -> database(near).account(id));
      default -> near.dropSegment(key);
    }
  }

  /** The database is never behind the stream. */
  private static Truth database(NearCache near) {
    return TRUTHS.ceilingEntry(near.applied()).getValue();
  }

  @Test
  void aLoadThatIsOvertakenEachTimeIsStillAnswered() {
    NearCache near = new NearCache(TestConfig.of(1), TestConfig.meters(), value -> {});
    near.startAt(0);
    int half = COMMITS.size() / 2;
    COMMITS.subList(0, half).forEach(near::onUpdates);
    int[] next = {half};
    Consumer<NearCache> flood =
        cache -> COMMITS.subList(next[0], next[0] += 3).forEach(cache::onUpdates);
    long before = near.applied();
    @Nullable AccountReplica answer =
        near.account(
            1,
            (id, truth) -> {
              AccountReplica read = database(near).account(id);
              flood.accept(near);
              return read;
            });
    assertThat(answer).isNotNull();
    assertThat(answer.revision()).isGreaterThanOrEqualTo(before);
  }
}
