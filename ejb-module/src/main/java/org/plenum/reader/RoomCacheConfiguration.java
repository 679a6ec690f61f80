package org.plenum.reader;

import com.hazelcast.config.CacheConfig;
import com.hazelcast.config.EvictionConfig;
import com.hazelcast.config.EvictionPolicy;
import com.hazelcast.config.MaxSizePolicy;
import javax.cache.configuration.Configuration;

/** The bounds of a cache on the data grid, which JCache itself has no words for. */
final class RoomCacheConfiguration {
  private RoomCacheConfiguration() {}

  static Configuration<String, byte[]> of(String name, int entries) {
    CacheConfig<String, byte[]> config = new CacheConfig<>(name);
    config.setTypes(String.class, byte[].class);
    config.setStoreByValue(true);
    config.setStatisticsEnabled(false);
    config.setBackupCount(1);
    config.setEvictionConfig(
        new EvictionConfig()
            .setMaxSizePolicy(MaxSizePolicy.ENTRY_COUNT)
            .setEvictionPolicy(EvictionPolicy.LRU)
            .setSize(entries));
    return config;
  }
}
