package org.plenum.reader;

import java.time.Duration;
import java.util.List;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;
import org.plenum.group.api.GroupId;

/**
 * Reads values out of the cache of the room. A value there is current up to the applied revision
 * that was stated before it was read, or up to its own, whichever is later. Every fault is a miss,
 * and so is what takes too long. Thread-safe.
 */
final class RoomReplica {
  private static final Logger LOG = Logger.getLogger(RoomReplica.class.getName());

  /** Listing keys asks every partition of the grid. */
  private static final Duration LISTING = Duration.ofSeconds(5);

  private final @Nullable RoomStore store;
  private final ReaderMeters meters;
  private final RoomCalls calls;

  /**
   * A replica.
   *
   * @param store the cache, or null when there is none: every read is a miss
   */
  RoomReplica(@Nullable RoomStore store, ReaderMeters meters) {
    this(store, meters, RoomCalls.DIRECT);
  }

  /** The same, with a limit to the time that a read may take. */
  RoomReplica(@Nullable RoomStore store, ReaderMeters meters, RoomCalls calls) {
    this.store = store;
    this.meters = meters;
    this.calls = calls;
  }

  @Nullable GroupReplica group(GroupId id) {
    return group(RoomCodec.key(id));
  }

  @Nullable Segment segment(SegmentKey key) {
    return segment(RoomCodec.key(key));
  }

  @Nullable AccountReplica account(long account) {
    return account(RoomCodec.key(account));
  }

  /** By its key in the cache. */
  @Nullable GroupReplica group(String key) {
    return read(RoomKind.GROUP, key, RoomCodec::group);
  }

  /** By its key in the cache. */
  @Nullable Segment segment(String key) {
    return read(RoomKind.SEGMENT, key, RoomCodec::segment);
  }

  /** By its key in the cache. */
  @Nullable AccountReplica account(String key) {
    return read(RoomKind.ACCOUNT, key, RoomCodec::account);
  }

  /**
   * Up to where the cache is current by its own word; 0 for nothing that may be used, -1 when it
   * cannot be read.
   */
  long applied() {
    if (store == null) {
      return 0;
    }
    try {
      return calls.call(store::applied);
    } catch (RuntimeException e) {
      fault(e);
      return -1;
    }
  }

  /** Keys of what may be read, in no order, at most so many. */
  List<String> keys(RoomKind kind, int most) {
    if (store == null) {
      return List.of();
    }
    try {
      return calls.call(
          LISTING, () -> store.applied() == 0 ? List.<String>of() : store.keys(kind, most));
    } catch (RuntimeException e) {
      fault(e);
      return List.of();
    }
  }

  /** A value with the revision that was stated before it was read. */
  @SuppressWarnings("ArrayRecordComponent") // of one read, shared with nobody
  private record Read(long applied, byte @Nullable [] value) {}

  private void fault(RuntimeException e) {
    meters.roomFaults().increment();
    LOG.log(Level.FINE, "the cache of the room could not be read", e);
  }

  private interface Decoder<V> {
    V decode(byte[] value, long atLeast);
  }

  private <V extends CachedValue> @Nullable V read(RoomKind kind, String key, Decoder<V> decoder) {
    if (store == null) {
      return null;
    }
    try {
      Read read =
          calls.call(
              () -> {
                long applied = store.applied();
                return new Read(applied, applied == 0 ? null : store.get(kind, key));
              });
      byte[] value = read.value();
      if (value == null) {
        meters.roomMisses().increment();
        return null;
      }
      V decoded = decoder.decode(value, read.applied());
      meters.roomHits().increment();
      return decoded;
    } catch (RuntimeException e) {
      fault(e);
      return null;
    }
  }
}
