package org.plenum.reader;

import java.util.logging.Level;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;
import org.plenum.group.api.GroupId;

/**
 * Reads values out of the cache of the room. A value there is current up to the applied revision
 * that was stated before it was read, or up to its own, whichever is later. Every fault is a miss.
 * Thread-safe.
 */
final class RoomReplica {
  private static final Logger LOG = Logger.getLogger(RoomReplica.class.getName());

  private final @Nullable RoomStore store;
  private final ReaderMeters meters;

  /**
   * A replica.
   *
   * @param store the cache, or null when there is none: every read is a miss
   */
  RoomReplica(@Nullable RoomStore store, ReaderMeters meters) {
    this.store = store;
    this.meters = meters;
  }

  @Nullable GroupReplica group(GroupId id) {
    return read(RoomKind.GROUP, RoomCodec.key(id), RoomCodec::group);
  }

  @Nullable Segment segment(SegmentKey key) {
    return read(RoomKind.SEGMENT, RoomCodec.key(key), RoomCodec::segment);
  }

  @Nullable AccountReplica account(long account) {
    return read(RoomKind.ACCOUNT, RoomCodec.key(account), RoomCodec::account);
  }

  private interface Decoder<V> {
    V decode(byte[] value, long atLeast);
  }

  private <V extends CachedValue> @Nullable V read(RoomKind kind, String key, Decoder<V> decoder) {
    if (store == null) {
      return null;
    }
    try {
      long applied = store.applied();
      byte[] value = applied == 0 ? null : store.get(kind, key);
      if (value == null) {
        meters.roomMisses().increment();
        return null;
      }
      V decoded = decoder.decode(value, applied);
      meters.roomHits().increment();
      return decoded;
    } catch (RuntimeException e) {
      meters.roomFaults().increment();
      LOG.log(Level.FINE, "the cache of the room could not be read", e);
      return null;
    }
  }
}
