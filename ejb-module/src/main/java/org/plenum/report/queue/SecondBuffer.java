package org.plenum.report.queue;

import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The second buffer of one consumer group (QUE-3 to QUE-7): a primary that the group drains and a
 * standby that takes what has been persisted. Reports go in and come out in the order of their
 * sequences; this class decides only from where the next one comes. The rules:
 *
 * <ul>
 *   <li>The standby takes a report when it follows what the standby holds and fits; else the report
 *       is dropped, for it is on storage, and the standby is abnormal (QUE-5).
 *   <li>A drained primary swaps with the standby (QUE-4), unless that is abnormal: then the next
 *       reports are read from storage and delivered (QUE-6).
 *   <li>After each read from storage the standby is normal again if it holds the next report, and
 *       not else (QUE-7). What the read has overtaken leaves the standby first.
 *   <li>The standby holds the next report exactly if its head is the last delivered sequence plus
 *       one; the head of an empty standby is the sequence that it would take next. No swap happens
 *       otherwise. An overflowed standby is a prefix: with the swap that makes it the primary, the
 *       new standby is abnormal at once, because what was dropped lies between the two.
 * </ul>
 *
 * Whoever calls holds one lock around {@link #admit} and all else, so that a decision and an
 * admission never interleave. A read from storage happens outside that lock: {@link #take} says
 * what to read, {@link #deliver} takes the result. Not thread-safe by itself.
 */
final class SecondBuffer {
  /** What a group gets. */
  sealed interface Taken {
    /** From the primary; never empty. */
    record Reports(List<QueuedReport> reports) implements Taken {}

    /** Read these from storage and hand them to {@link #deliver}. */
    record FromStorage(long first, int maxCount, long maxBytes) implements Taken {}

    /** There is none that has not been delivered. */
    record Nothing() implements Taken {}
  }

  private static final Taken NOTHING = new Taken.Nothing();

  private final Clock clock;
  private ReportRing primary;
  private ReportRing standby;
  private boolean firstIsPrimary = true;
  private long delivered;
  private long admitted;
  private @Nullable Instant abnormalSince;
  private long swaps;
  private long dropped;
  private long readFromStorage;

  /**
   * Empty buffers; whatever lies between the two positions is on storage.
   *
   * @param delivered the last sequence that the group is done with
   * @param admitted the last sequence that is persisted
   */
  SecondBuffer(int maxCount, long maxBytes, long delivered, long admitted, Clock clock) {
    if (delivered > admitted) {
      throw new IllegalArgumentException(delivered + " was delivered before it was persisted");
    }
    this.clock = clock;
    this.primary = new ReportRing(maxCount, maxBytes);
    this.standby = new ReportRing(maxCount, maxBytes);
    this.delivered = delivered;
    this.admitted = admitted;
    judge();
  }

  /** Offers what has just been persisted (QUE-2), in order and without gaps. */
  void admit(List<QueuedReport> persisted) {
    for (int i = 0; i < persisted.size(); i++) {
      QueuedReport report = persisted.get(i);
      if (report.sequence() != admitted + 1) {
        throw new IllegalStateException(
            "report " + report.sequence() + " was offered after " + admitted);
      }
      boolean follows = standby.isEmpty() || standby.lastSequence() == admitted;
      if (follows && standby.fits(report)) {
        standby.add(report);
      } else {
        dropped++;
        becomeAbnormal();
      }
      admitted = report.sequence();
    }
  }

  /** The next reports, at most so many and so heavy, but one at least when there is one. */
  Taken take(int maxCount, long maxBytes) {
    if (primary.isEmpty() && isNormal()) {
      swap();
    }
    if (!primary.isEmpty()) {
      return new Taken.Reports(drain(maxCount, maxBytes));
    }
    if (isNormal()) {
      return NOTHING;
    }
    long untilStandby = standbyHead() - 1 - delivered;
    long most = untilStandby > 0 ? untilStandby : admitted - delivered;
    return new Taken.FromStorage(delivered + 1, (int) Math.min(maxCount, most), maxBytes);
  }

  private List<QueuedReport> drain(int maxCount, long maxBytes) {
    List<QueuedReport> taken = new ArrayList<>(Math.min(maxCount, primary.count()));
    long weight = 0;
    while (!primary.isEmpty() && taken.size() < maxCount) {
      weight += primary.peek().report().weight();
      if (weight > maxBytes && !taken.isEmpty()) {
        break;
      }
      taken.add(primary.poll());
    }
    delivered = taken.get(taken.size() - 1).sequence();
    if (primary.isEmpty() && isNormal()) {
      swap();
    }
    return taken;
  }

  /** Counts reports that were read from storage as delivered, and judges the standby (QUE-7). */
  void deliver(List<QueuedReport> read) {
    if (!primary.isEmpty() || isNormal()) {
      throw new IllegalStateException("storage was read although the primary has reports");
    }
    for (QueuedReport report : read) {
      if (report.sequence() != delivered + 1 || report.sequence() > admitted) {
        throw new IllegalStateException(
            "read %d from storage after %d, persisted up to %d"
                .formatted(report.sequence(), delivered, admitted));
      }
      delivered = report.sequence();
    }
    readFromStorage += read.size();
    standby.dropBefore(delivered + 1);
    if (standbyHead() == delivered + 1) {
      Instant since = abnormalSince;
      abnormalSince = null;
      swap();
      if (abnormalSince != null) {
        abnormalSince = since; // still behind: the same episode
      }
    }
  }

  /** Goes back, or forward, so that the report after this sequence is the next one. */
  void moveTo(long sequence) {
    if (sequence > admitted) {
      throw new IllegalArgumentException(sequence + " is not persisted");
    }
    if (sequence == delivered) {
      return;
    }
    primary.clear();
    delivered = sequence;
    standby.dropBefore(delivered + 1);
    judge();
  }

  private void swap() {
    if (standbyHead() != delivered + 1) {
      throw new IllegalStateException(
          "swap to " + standbyHead() + " although " + delivered + " was delivered");
    }
    if (standby.isEmpty()) {
      return;
    }
    ReportRing drained = primary;
    primary = standby;
    standby = drained;
    firstIsPrimary = !firstIsPrimary;
    swaps++;
    if (primary.lastSequence() != admitted) {
      becomeAbnormal();
    }
  }

  private void judge() {
    if (standbyHead() == delivered + 1
        && (standby.isEmpty() || standby.lastSequence() == admitted)) {
      abnormalSince = null;
    } else {
      becomeAbnormal();
    }
  }

  private void becomeAbnormal() {
    if (abnormalSince == null) {
      abnormalSince = clock.instant();
    }
  }

  private long standbyHead() {
    return standby.isEmpty() ? admitted + 1 : standby.firstSequence();
  }

  boolean isNormal() {
    return abnormalSince == null;
  }

  long delivered() {
    return delivered;
  }

  long admitted() {
    return admitted;
  }

  /** Whether {@link #take} would give something. */
  boolean hasNext() {
    return delivered < admitted;
  }

  SecondBufferView view() {
    return new SecondBufferView(
        firstIsPrimary ? "A" : "B",
        primary.count(),
        primary.bytes(),
        standby.count(),
        standby.bytes(),
        abnormalSince,
        swaps,
        dropped,
        readFromStorage);
  }
}
