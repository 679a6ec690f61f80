package org.plenum.bench;

import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.LongAdder;
import org.HdrHistogram.ConcurrentHistogram;
import org.HdrHistogram.Histogram;

/**
 * Reports that are sent one way as fast as they are acknowledged; {@link #start}ed and {@link
 * #stop}ped once. Its counts may be read by any thread.
 */
abstract class ReportLoad {
  private static final int DIGITS = 3;

  private final LongAdder acknowledged = new LongAdder();
  private final Histogram latencies = new ConcurrentHistogram(DIGITS);
  private final Queue<String> faults = new ConcurrentLinkedQueue<>();

  /** Begins to send. */
  abstract void start();

  /**
   * Sends nothing more, and returns when everything that was sent is acknowledged or has failed.
   *
   * @return what was acknowledged, of each sender
   */
  abstract List<SentReports> stop() throws InterruptedException;

  /** A batch of reports was acknowledged, so long after it was sent. */
  final void acknowledged(int reports, long nanos) {
    acknowledged.add(reports);
    latencies.recordValue(nanos);
  }

  /** Something happened that must not. */
  final void fault(String what) {
    faults.add(what);
  }

  /** Reports acknowledged so far. */
  final long acknowledged() {
    return acknowledged.sum();
  }

  /** From sending a batch to its acknowledgement. */
  final double acknowledgementMillis(double percentile) {
    return latencies.getValueAtPercentile(percentile) / 1e6;
  }

  /** What must not have happened. */
  final List<String> faults() {
    return List.copyOf(faults);
  }
}
