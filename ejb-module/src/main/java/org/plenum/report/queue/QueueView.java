package org.plenum.report.queue;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A queue at one moment.
 *
 * @param firstCount reports that wait to be durable
 * @param firstBytes their weight
 * @param appended durable reports since the start
 * @param deadLetters of all groups
 * @param store the storage
 * @param flushes how long the writes to storage took, fsync included
 * @param failing why reports cannot be made durable now, null when they can
 * @param groups all consumer groups
 */
public record QueueView(
    int firstCount,
    long firstBytes,
    long appended,
    int deadLetters,
    ReportStore.View store,
    LatencyHistogram.Snapshot flushes,
    @Nullable String failing,
    List<GroupView> groups) {}
