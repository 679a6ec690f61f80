package org.plenum.reader;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.hazelcast.config.Config;
import com.hazelcast.core.Hazelcast;
import com.hazelcast.core.HazelcastInstance;
import java.net.URI;
import java.util.Map;
import java.util.Properties;
import javax.cache.CacheManager;
import javax.cache.Caching;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Nodes that tell each other how they are, on a real grid. */
class GridStatusBoardTest {
  private HazelcastInstance grid;
  private CacheManager caching;

  @BeforeEach
  void start() {
    Config config = new Config("grid-status-board-test");
    config.setProperty("hazelcast.phone.home.enabled", "false");
    config.setProperty("hazelcast.logging.type", "none");
    config.getNetworkConfig().setPort(0).getInterfaces().setEnabled(true).addInterface("127.0.0.1");
    config.getNetworkConfig().getJoin().getAutoDetectionConfig().setEnabled(false);
    config.getNetworkConfig().getJoin().getMulticastConfig().setEnabled(false);
    grid = Hazelcast.newHazelcastInstance(config);
    caching = caching();
  }

  private CacheManager caching() {
    Properties properties = new Properties();
    properties.setProperty("hazelcast.instance.name", grid.getName());
    return Caching.getCachingProvider("com.hazelcast.cache.HazelcastMemberCachingProvider")
        .getCacheManager(URI.create("board"), null, properties);
  }

  @AfterEach
  void stop() {
    caching.close();
    grid.shutdown();
  }

  @Test
  void aNewNodeIsFoundWithinFiveTurnsAndReadInEach() {
    GridStatusBoard first = new GridStatusBoard(() -> caching);
    GridStatusBoard second = new GridStatusBoard(() -> caching);
    assertThat(first.exchange("a", new byte[] {1}, 64)).containsOnlyKeys("a");
    second.exchange("b", new byte[] {2}, 64);
    Map<String, byte[]> found = Map.of();
    for (int turn = 0; turn < 5; turn++) {
      found = first.exchange("a", new byte[] {3}, 64);
    }
    assertThat(found).containsOnlyKeys("a", "b");
    second.exchange("b", new byte[] {4}, 64);
    assertThat(first.exchange("a", new byte[] {3}, 64).get("b")).containsExactly(4);
  }

  @Test
  void anOldStatusIsRemovedAndANewerOneIsNot() {
    GridStatusBoard board = new GridStatusBoard(() -> caching);
    board.exchange("b", new byte[] {1}, 64);
    board.remove("b", new byte[] {9});
    assertThat(board.exchange("a", new byte[] {1}, 64)).containsKey("b");
    board.remove("b", new byte[] {1});
    assertThat(board.exchange("a", new byte[] {1}, 64)).doesNotContainKey("b");
  }

  @Test
  void noMoreIsAnsweredThanAskedFor() {
    for (int i = 0; i < 10; i++) {
      new GridStatusBoard(() -> caching).exchange("n" + i, new byte[] {1}, 64);
    }
    assertThat(new GridStatusBoard(() -> caching).exchange("n0", new byte[] {1}, 3)).hasSize(3);
  }

  @Test
  void withoutAGridNothingIsAnswered() {
    GridStatusBoard board = new GridStatusBoard(() -> null);
    assertThat(board.exchange("a", new byte[] {1}, 64)).isEmpty();
    board.remove("a", new byte[] {1});
  }

  @Test
  void aCacheThatWasClosedIsOpenedAnew() {
    GridStatusBoard board = new GridStatusBoard(this::caching);
    board.exchange("a", new byte[] {1}, 64);
    caching.getCache("plenum-nodes", String.class, byte[].class).close();
    assertThatThrownBy(() -> board.exchange("a", new byte[] {2}, 64))
        .isInstanceOf(RuntimeException.class);
    assertThat(board.exchange("a", new byte[] {2}, 64)).containsKey("a");
  }
}
