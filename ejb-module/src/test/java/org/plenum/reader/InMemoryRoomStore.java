package org.plenum.reader;

import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/** The cache of a room in a map; can be made to fail, and to freeze. */
final class InMemoryRoomStore implements RoomStore {
  record Key(RoomKind kind, String text) {}

  final Map<Key, byte[]> values = new ConcurrentHashMap<>();
  volatile boolean failing;

  /** Thrown by each call. */
  volatile @Nullable Error broken;

  /** Calls wait for it, as those of the grid do: not even an interruption ends them. */
  volatile @Nullable CountDownLatch frozen;

  /** Calls that came so far. */
  final AtomicInteger reached = new AtomicInteger();

  private volatile long applied;

  private void work() {
    reached.incrementAndGet();
    CountDownLatch thaw = frozen;
    while (thaw != null) {
      try {
        thaw.await();
        thaw = null;
      } catch (InterruptedException e) {
        continue;
      }
    }
    Error error = broken;
    if (error != null) {
      throw error;
    }
    if (failing) {
      throw new IllegalStateException("the data grid is away");
    }
  }

  @Override
  public byte @Nullable [] get(RoomKind kind, String key) {
    work();
    return values.get(new Key(kind, key));
  }

  @Override
  public void put(RoomKind kind, String key, byte[] value) {
    work();
    values.put(new Key(kind, key), value.clone());
  }

  @Override
  public void remove(RoomKind kind, String key) {
    work();
    values.remove(new Key(kind, key));
  }

  @Override
  public void distrust() {
    work();
    applied = 0;
  }

  @Override
  public void clear() {
    work();
    applied = 0;
    values.clear();
  }

  @Override
  public void forEach(RoomKind kind, BiConsumer<String, byte[]> action) {
    work();
    values.forEach(
        (key, value) -> {
          if (key.kind() == kind) {
            action.accept(key.text(), value);
          }
        });
  }

  @Override
  public List<String> keys(RoomKind kind, int most) {
    work();
    return values.keySet().stream()
        .filter(key -> key.kind() == kind)
        .map(Key::text)
        .limit(most)
        .toList();
  }

  @Override
  public long applied() {
    work();
    return applied;
  }

  @Override
  public void applied(long revision) {
    work();
    applied = revision;
  }
}
