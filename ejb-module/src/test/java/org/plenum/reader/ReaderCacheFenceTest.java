package org.plenum.reader;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.hazelcast.config.Config;
import com.hazelcast.core.Hazelcast;
import com.hazelcast.core.HazelcastInstance;
import java.lang.reflect.Proxy;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import javax.cache.CacheManager;
import javax.cache.Caching;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Two nodes on one real cache: only the holder of the newest lease writes what is read. */
class ReaderCacheFenceTest {
  private static HazelcastInstance grid;
  private static CacheManager caching;

  private ReaderCache first;
  private ReaderCache second;

  @BeforeAll
  static void start() {
    Config config = new Config("reader-cache-fence-test");
    config.setProperty("hazelcast.phone.home.enabled", "false");
    config.setProperty("hazelcast.logging.type", "none");
    config.getNetworkConfig().setPort(0).getInterfaces().setEnabled(true).addInterface("127.0.0.1");
    config.getNetworkConfig().getJoin().getAutoDetectionConfig().setEnabled(false);
    config.getNetworkConfig().getJoin().getMulticastConfig().setEnabled(false);
    grid = Hazelcast.newHazelcastInstance(config);
    Properties properties = new Properties();
    properties.setProperty("hazelcast.instance.name", grid.getName());
    caching =
        Caching.getCachingProvider("com.hazelcast.cache.HazelcastMemberCachingProvider")
            .getCacheManager(URI.create("fence"), null, properties);
  }

  @AfterAll
  static void stop() {
    caching.close();
    grid.shutdown();
  }

  @BeforeEach
  void open() {
    first = ReaderCache.opened(caching, 1_000);
    second = ReaderCache.opened(caching, 1_000);
  }

  @AfterEach
  void empty() {
    for (String name :
        List.of("plenum-groups", "plenum-segments", "plenum-accounts", "plenum-reader")) {
      caching.getCache(name, String.class, byte[].class).clear();
    }
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static @Nullable String read(ReaderCache cache, String key) {
    cache.applied();
    byte[] value = cache.get(RoomKind.GROUP, key);
    return value == null ? null : new String(value, StandardCharsets.UTF_8);
  }

  private static void write(ReaderCache cache, String value, long revision) {
    cache.put(RoomKind.GROUP, "g", bytes(value));
    cache.applied(revision);
  }

  @Test
  void anEmptyCacheIsTakenAtNothing() {
    assertThat(first.take(1)).isZero();
    assertThat(second.applied()).isZero();
  }

  @Test
  void theKeysAreThoseOfTheApplierThatIsReadAndNoMoreThanAskedFor() {
    first.take(1);
    for (int i = 0; i < 20; i++) {
      first.put(RoomKind.GROUP, "g" + i, bytes("v"));
    }
    first.applied(5);
    second.take(2);
    second.put(RoomKind.GROUP, "mine", bytes("v"));
    second.applied(6);
    // The overtaken one writes where nobody reads.
    first.put(RoomKind.GROUP, "stale", bytes("v"));
    first.applied();
    assertThat(first.keys(RoomKind.GROUP, 1_000))
        .hasSize(21)
        .contains("g0", "g19", "mine")
        .doesNotContain("stale");
    assertThat(second.keys(RoomKind.GROUP, 7)).hasSize(7);
    assertThat(second.keys(RoomKind.ACCOUNT, 7)).isEmpty();
  }

  @Test
  void cachesThatAreOpenedLaterAskTheGridWhenTheyAreUsed() {
    List<String> asked = new ArrayList<>();
    CacheManager noting =
        (CacheManager)
            Proxy.newProxyInstance(
                ReaderCacheFenceTest.class.getClassLoader(),
                new Class<?>[] {CacheManager.class},
                (proxy, method, arguments) -> {
                  asked.add(arguments[0].toString());
                  return method.invoke(caching, arguments);
                });
    ReaderCache later = ReaderCache.later(noting, 1_000);
    assertThat(asked).isEmpty();
    first.take(1);
    write(first, "one", 10);
    assertThat(read(later, "g")).isEqualTo("one");
    assertThat(read(later, "g")).isEqualTo("one");
    assertThat(asked).containsExactly("plenum-reader", "plenum-groups");
  }

  @Test
  void everyNodeReadsWhatTheApplierWrote() {
    first.take(1);
    write(first, "one", 10);
    assertThat(second.applied()).isEqualTo(10);
    assertThat(read(second, "g")).isEqualTo("one");
  }

  @Test
  void theNextApplierKeepsWhatIsThereAndGoesOn() {
    first.take(1);
    write(first, "one", 10);
    assertThat(second.take(2)).isEqualTo(10);
    assertThat(read(first, "g")).isEqualTo("one");
    write(second, "two", 11);
    assertThat(first.applied()).isEqualTo(11);
    assertThat(read(first, "g")).isEqualTo("two");
  }

  @Test
  void anApplierThatWakesUpTooLateChangesNothing() {
    first.take(1);
    write(first, "one", 10);
    second.take(2);
    write(second, "two", 20);
    first.put(RoomKind.GROUP, "g", bytes("late"));
    first.remove(RoomKind.GROUP, "g");
    first.put(RoomKind.GROUP, "g", bytes("late"));
    assertThatThrownBy(() -> first.applied(11)).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(first::clear).isInstanceOf(IllegalStateException.class);
    assertThat(read(first, "g")).isEqualTo("two");
    assertThat(read(second, "g")).isEqualTo("two");
    assertThat(second.applied()).isEqualTo(20);
  }

  @Test
  void whatASleeperWroteIsNotCopiedByTheOneAfterTheNext() {
    first.take(1);
    write(first, "one", 10);
    second.take(2);
    first.put(RoomKind.GROUP, "g", bytes("late"));
    ReaderCache third = ReaderCache.opened(caching, 1_000);
    assertThat(third.take(3)).isEqualTo(10);
    assertThat(read(third, "g")).isEqualTo("one");
  }

  @Test
  void aClearedCacheGoesOnUnderItsApplier() {
    first.take(1);
    write(first, "one", 10);
    first.clear();
    assertThat(second.applied()).isZero();
    write(first, "again", 12);
    assertThat(second.applied()).isEqualTo(12);
    assertThat(read(second, "g")).isEqualTo("again");
  }

  @Test
  void whoeverFindsOutThatTheDatabaseLostUpdatesStopsItsBeingRead() {
    first.take(1);
    write(first, "lost", 110);
    second.distrust();
    assertThat(first.applied()).isZero();
    assertThat(second.applied()).isZero();
    assertThatThrownBy(() -> first.applied(111)).isInstanceOf(IllegalStateException.class);
    first.clear();
    write(first, "instead", 102);
    assertThat(second.applied()).isEqualTo(102);
    assertThat(read(second, "g")).isEqualTo("instead");
    second.distrust();
    second.distrust();
    ReaderCache third = ReaderCache.opened(caching, 1_000);
    assertThat(third.take(2)).as("of an applier that died before it found out").isZero();
  }

  @Test
  void aCacheThatTheGridLostIsWrittenAgain() {
    first.take(1);
    write(first, "one", 10);
    empty();
    assertThatThrownBy(() -> first.applied(11)).isInstanceOf(IllegalStateException.class);
    first.clear();
    write(first, "again", 12);
    assertThat(second.applied()).isEqualTo(12);
  }

  @Test
  void aCacheOfAnEarlierLifeOfTheDatabaseIsDropped() {
    first.take(9);
    write(first, "before the restore", 500);
    assertThat(second.take(2)).isZero();
    assertThat(read(second, "g")).isNull();
    write(second, "after", 3);
    assertThat(second.applied()).isEqualTo(3);
    assertThat(read(second, "g")).isEqualTo("after");
  }

  @Test
  void allValuesAreReadInBatches() {
    assertThat(GridEntries.inBatches(caching.getCache("plenum-groups", String.class, byte[].class)))
        .isTrue();
    first.take(1);
    Map<String, String> expected = new TreeMap<>();
    for (int i = 0; i < 3_000; i++) {
      first.put(RoomKind.SEGMENT, "s" + i, bytes("v" + i));
      expected.put("s" + i, "v" + i);
    }
    first.applied(1);
    second.applied();
    Map<String, String> found = new TreeMap<>();
    second.forEach(
        RoomKind.SEGMENT,
        (key, value) ->
            assertThat(found.put(key, new String(value, StandardCharsets.UTF_8))).isNull());
    // Bounded: the least recently used are gone.
    assertThat(found).hasSizeGreaterThan(500);
    assertThat(expected).containsAllEntriesOf(found);
  }

  @Test
  void aSnapshotHoldsTheValuesOfTheNewestEpochOnly() {
    first.take(1);
    write(first, "one", 10);
    second.take(2);
    write(second, "two", 11);
    first.put(RoomKind.GROUP, "other", bytes("late"));
    first.applied();
    List<String> found = new ArrayList<>();
    first.forEach(
        RoomKind.GROUP,
        (key, value) -> found.add(key + "=" + new String(value, StandardCharsets.UTF_8)));
    assertThat(found).containsExactly("g=two");
  }
}
