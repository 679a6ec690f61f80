package org.plenum.reader;

import com.hazelcast.config.CacheConfig;
import com.hazelcast.config.EvictionConfig;
import com.hazelcast.config.EvictionPolicy;
import com.hazelcast.config.MaxSizePolicy;
import com.hazelcast.config.MergePolicyConfig;
import com.hazelcast.spi.merge.DiscardMergePolicy;
import javax.cache.configuration.Configuration;

/** The bounds of a cache on the data grid, which JCache itself has no words for. */
final class RoomCacheConfiguration {
  private static final int MERGE_BATCH = 100;

  private RoomCacheConfiguration() {}

  static Configuration<String, byte[]> of(String name, int entries) {
    CacheConfig<String, byte[]> config = new CacheConfig<>(name);
    config.setTypes(String.class, byte[].class);
    config.setStoreByValue(true);
    config.setStatisticsEnabled(false);
    config.setBackupCount(1);
    // Values of a half of a divided grid that had no applier are old: they never win.
    config.setMergePolicyConfig(
        new MergePolicyConfig(DiscardMergePolicy.class.getName(), MERGE_BATCH));
    config.setEvictionConfig(
        new EvictionConfig()
            .setMaxSizePolicy(MaxSizePolicy.ENTRY_COUNT)
            .setEvictionPolicy(EvictionPolicy.LRU)
            .setSize(entries));
    return config;
  }
}
