package org.plenum.reader;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * State of the reader of a node.
 *
 * @param appliedRevision what reads on this node contain
 * @param nearBytes heap of the near cache
 * @param dataGrid whether the cache of the room is used
 * @param applying whether this node writes the cache of the room
 * @param roomSound whether the cache of the room took the last flush
 * @param roomRevision what the cache of the room contains, 0 for nothing
 * @param snapshotRevision revision of the newest snapshot, 0 for none
 * @param snapshotAt when it was written, or null
 * @param snapshotFault why the last one could not be written, or null
 */
public record ReaderStatus(
    long appliedRevision,
    long nearBytes,
    boolean dataGrid,
    boolean applying,
    boolean roomSound,
    long roomRevision,
    long snapshotRevision,
    @Nullable Instant snapshotAt,
    @Nullable String snapshotFault) {}
