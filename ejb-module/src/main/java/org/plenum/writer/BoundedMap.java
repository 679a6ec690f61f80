package org.plenum.writer;

import java.util.LinkedHashMap;
import java.util.Map;

/** A map that forgets what was not asked for longest. Confined to one thread. */
final class BoundedMap<K, V> extends LinkedHashMap<K, V> {
  private static final long serialVersionUID = 1L;

  private final int limit;

  BoundedMap(int limit) {
    super(1_024, 0.75f, true);
    this.limit = limit;
  }

  @Override
  protected boolean removeEldestEntry(Map.Entry<K, V> eldest) {
    return size() > limit;
  }
}
