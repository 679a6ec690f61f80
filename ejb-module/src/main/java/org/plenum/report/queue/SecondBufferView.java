package org.plenum.report.queue;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * The second buffer of a group at one moment.
 *
 * @param primary which of the two buffers is drained now, {@code A} or {@code B}
 * @param primaryCount reports in it
 * @param primaryBytes their weight
 * @param standbyCount reports in the other
 * @param standbyBytes their weight
 * @param abnormalSince since when reports are read from storage, null when they are not
 * @param swaps how often the two changed roles
 * @param dropped reports that found no place in the standby and are left to storage
 * @param readFromStorage reports that were delivered from storage
 */
public record SecondBufferView(
    String primary,
    int primaryCount,
    long primaryBytes,
    int standbyCount,
    long standbyBytes,
    @Nullable Instant abnormalSince,
    long swaps,
    long dropped,
    long readFromStorage) {}
