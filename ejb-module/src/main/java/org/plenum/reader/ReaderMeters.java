package org.plenum.reader;

import org.plenum.platform.metrics.Meters;
import org.plenum.platform.metrics.Meters.Counter;
import org.plenum.platform.metrics.Meters.Summary;

/**
 * The meters of the reader.
 *
 * @param nearHits reads served by the near cache
 * @param nearMisses reads that had to load
 * @param lostLoads loads that updates overtook
 * @param roomHits loads served by the cache of the room
 * @param roomMisses loads that the cache of the room could not serve
 * @param databaseReads loads from the database
 * @param waits reads that waited for a position
 * @param applyBatch updates applied to the cache of the room in one flush
 * @param roomFaults failed operations on the cache of the room
 * @param snapshotFaults snapshots that could not be written or read
 */
record ReaderMeters(
    Counter nearHits,
    Counter nearMisses,
    Counter lostLoads,
    Counter roomHits,
    Counter roomMisses,
    Counter databaseReads,
    Counter waits,
    Summary applyBatch,
    Counter roomFaults,
    Counter snapshotFaults) {

  static ReaderMeters of(Meters meters) {
    return new ReaderMeters(
        meters.counter("reader_near_hits", "Reads served by the near cache"),
        meters.counter("reader_near_misses", "Reads that the near cache had to load"),
        meters.counter("reader_lost_loads", "Loads that updates overtook, repeated"),
        meters.counter("reader_room_hits", "Loads served by the cache of the room"),
        meters.counter("reader_room_misses", "Loads that the cache of the room did not have"),
        meters.counter("reader_database_reads", "Loads from the database"),
        meters.counter("reader_position_waits", "Reads that waited for the position they carry"),
        meters.summary("reader_apply_batch", "Updates per flush to the cache of the room"),
        meters.counter("reader_room_faults", "Failed operations on the cache of the room"),
        meters.counter("reader_snapshot_faults", "Snapshots that could not be written or read"));
  }
}
