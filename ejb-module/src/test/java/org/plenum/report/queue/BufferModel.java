package org.plenum.report.queue;

import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The buffer rules once more, from their wording and in the plainest way: maps of sequence to
 * weight, nothing kept that can be derived. Written without looking at {@link SecondBuffer}.
 */
final class BufferModel {
  private final int maxCount;
  private final long maxBytes;
  private SortedMap<Long, Long> primary = new TreeMap<>();
  private SortedMap<Long, Long> standby = new TreeMap<>();
  private final SortedMap<Long, Long> storage = new TreeMap<>();
  private boolean abnormal;
  private long lastDelivered;

  BufferModel(int maxCount, long maxBytes) {
    this.maxCount = maxCount;
    this.maxBytes = maxBytes;
  }

  private long lastPersisted() {
    return storage.isEmpty() ? 0 : storage.lastKey();
  }

  private boolean standbyHoldsNext() {
    if (standby.isEmpty()) {
      return lastPersisted() == lastDelivered;
    }
    return standby.firstKey() == lastDelivered + 1;
  }

  private static long weight(SortedMap<Long, Long> buffer) {
    return buffer.values().stream().mapToLong(Long::longValue).sum();
  }

  /** QUE-2 and QUE-5. */
  void persisted(long sequence, long weight) {
    boolean overflow = standby.size() == maxCount || weight(standby) + weight > maxBytes;
    boolean gap = !standby.isEmpty() && standby.lastKey() != sequence - 1;
    if (overflow || gap) {
      abnormal = true;
    } else {
      standby.put(sequence, weight);
    }
    storage.put(sequence, weight);
  }

  /** QUE-4. */
  private void swapIfDrained() {
    if (primary.isEmpty() && !abnormal && !standby.isEmpty()) {
      if (!standbyHoldsNext()) {
        throw new AssertionError("the model would lose reports");
      }
      SortedMap<Long, Long> other = primary;
      primary = standby;
      standby = other;
      abnormal = primary.lastKey() != lastPersisted();
    }
  }

  /** Whether the next reports have to come from storage: QUE-6. */
  boolean readsStorage() {
    swapIfDrained();
    return primary.isEmpty() && abnormal;
  }

  /** What a consumer gets from memory, not more than this. */
  List<Long> take(int most, long mostBytes) {
    swapIfDrained();
    List<Long> taken = new ArrayList<>();
    long bytes = 0;
    while (!primary.isEmpty() && taken.size() < most) {
      long next = primary.firstKey();
      bytes += primary.get(next);
      if (!taken.isEmpty() && bytes > mostBytes) {
        break;
      }
      primary.remove(next);
      lastDelivered = next;
      taken.add(next);
    }
    swapIfDrained();
    return taken;
  }

  /** What was read from storage is delivered: QUE-7. */
  void deliveredFromStorage(List<Long> sequences) {
    for (long sequence : sequences) {
      if (sequence != lastDelivered + 1) {
        throw new AssertionError("out of order");
      }
      lastDelivered = sequence;
      standby.remove(sequence);
    }
    if (standbyHoldsNext()) {
      abnormal = false;
    }
    swapIfDrained();
  }

  /** Redelivery: what was delivered after this sequence is to come again. */
  void rewind(long sequence) {
    if (sequence == lastDelivered) {
      return;
    }
    primary.clear();
    lastDelivered = sequence;
    abnormal = !standbyHoldsNext() || !standby.isEmpty() && standby.lastKey() != lastPersisted();
  }

  List<Long> stored(long first, int most) {
    return storage.tailMap(first).keySet().stream().limit(most).toList();
  }

  boolean abnormal() {
    return abnormal;
  }

  long lastDelivered() {
    return lastDelivered;
  }

  List<Integer> sizes() {
    return List.of(primary.size(), standby.size());
  }
}
