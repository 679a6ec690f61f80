package org.plenum.report.queue;

import java.time.Duration;

/**
 * The bounds of a queue.
 *
 * @param firstCount reports that may wait to be durable
 * @param firstBytes their weight
 * @param secondCount reports in each of the two second buffers of a group
 * @param secondBytes their weight
 * @param batchCount reports of one write to storage
 * @param batchBytes their weight; a single push may be heavier
 * @param linger how long a write waits at most for as many reports as the one before had
 * @param maxGroups consumer groups
 * @param maxInFlight reports that a group may have got and not acknowledged
 * @param maxAttempts deliveries of a report before it becomes a dead letter
 * @param redeliveryDelay pause before the first redelivery; doubles with each, up to a hundredfold
 * @param maxDeadLetters of all groups
 * @param cursorInterval how often acknowledged positions are made durable
 * @param retention how long a report is kept for a group that does not come; zero for as long as it
 *     takes
 * @param journalBytes what the storage may take
 * @param expireWhenFull whether the oldest reports go when it takes more; else producers wait
 * @param failurePause how long producers are refused after the storage failed
 * @param closeWait how long closing waits for a storage that does not answer
 */
public record QueueOptions(
    int firstCount,
    long firstBytes,
    int secondCount,
    long secondBytes,
    int batchCount,
    long batchBytes,
    Duration linger,
    int maxGroups,
    int maxInFlight,
    int maxAttempts,
    Duration redeliveryDelay,
    int maxDeadLetters,
    Duration cursorInterval,
    Duration retention,
    long journalBytes,
    boolean expireWhenFull,
    Duration failurePause,
    Duration closeWait) {
  private static final Duration CLOSE_WAIT = Duration.ofSeconds(30);

  /** With the usual bound on closing. */
  public QueueOptions(
      int firstCount,
      long firstBytes,
      int secondCount,
      long secondBytes,
      int batchCount,
      long batchBytes,
      Duration linger,
      int maxGroups,
      int maxInFlight,
      int maxAttempts,
      Duration redeliveryDelay,
      int maxDeadLetters,
      Duration cursorInterval,
      Duration retention,
      long journalBytes,
      boolean expireWhenFull,
      Duration failurePause) {
    this(
        firstCount,
        firstBytes,
        secondCount,
        secondBytes,
        batchCount,
        batchBytes,
        linger,
        maxGroups,
        maxInFlight,
        maxAttempts,
        redeliveryDelay,
        maxDeadLetters,
        cursorInterval,
        retention,
        journalBytes,
        expireWhenFull,
        failurePause,
        CLOSE_WAIT);
  }

  /** Refuses bounds that are not positive. */
  public QueueOptions {
    long smallest =
        Math.min(
            Math.min(Math.min(firstCount, secondCount), Math.min(batchCount, maxGroups)),
            Math.min(
                Math.min(Math.min(maxInFlight, maxAttempts), maxDeadLetters),
                Math.min(Math.min(firstBytes, secondBytes), Math.min(batchBytes, journalBytes))));
    if (smallest < 1 || cursorInterval.isZero() || cursorInterval.isNegative()) {
      throw new IllegalArgumentException("every bound is at least 1");
    }
    for (Duration wait :
        new Duration[] {linger, redeliveryDelay, retention, failurePause, closeWait}) {
      if (wait.isNegative()) {
        throw new IllegalArgumentException("no wait is negative");
      }
    }
  }

  /** 16 MB wait to be written; 16 MB in each buffer of a group; 64 GB of journal. */
  public static QueueOptions defaults() {
    return new QueueOptions(
        65_536,
        16 << 20,
        65_536,
        16 << 20,
        4_096,
        4 << 20,
        Duration.ofNanos(100_000),
        32,
        8_192,
        5,
        Duration.ofMillis(100),
        10_000,
        Duration.ofMillis(50),
        Duration.ZERO,
        64L << 30,
        false,
        Duration.ofMillis(200));
  }

  /** With other bounds of the first buffer. */
  public QueueOptions withFirst(int count, long bytes) {
    Draft draft = new Draft(this);
    draft.firstCount = count;
    draft.firstBytes = bytes;
    return draft.options();
  }

  /** With other bounds of the second buffers. */
  public QueueOptions withSecond(int count, long bytes) {
    Draft draft = new Draft(this);
    draft.secondCount = count;
    draft.secondBytes = bytes;
    return draft.options();
  }

  /** With another redelivery. */
  public QueueOptions withRedelivery(int attempts, Duration delay, int deadLetters) {
    Draft draft = new Draft(this);
    draft.maxAttempts = attempts;
    draft.redeliveryDelay = delay;
    draft.maxDeadLetters = deadLetters;
    return draft.options();
  }

  /** With another retention. */
  public QueueOptions withRetention(Duration age, long bytes, boolean expire) {
    Draft draft = new Draft(this);
    draft.retention = age;
    draft.journalBytes = bytes;
    draft.expireWhenFull = expire;
    return draft.options();
  }

  /** With another bound on closing. */
  public QueueOptions withCloseWait(Duration wait) {
    Draft draft = new Draft(this);
    draft.closeWait = wait;
    return draft.options();
  }

  /**
   * The one place that lists all of them once more, so that a change names only what it changes.
   */
  private static final class Draft {
    private int firstCount;
    private long firstBytes;
    private int secondCount;
    private long secondBytes;
    private final QueueOptions rest;
    private int maxAttempts;
    private Duration redeliveryDelay;
    private int maxDeadLetters;
    private Duration retention;
    private long journalBytes;
    private boolean expireWhenFull;
    private Duration closeWait;

    Draft(QueueOptions from) {
      firstCount = from.firstCount;
      firstBytes = from.firstBytes;
      secondCount = from.secondCount;
      secondBytes = from.secondBytes;
      rest = from;
      maxAttempts = from.maxAttempts;
      redeliveryDelay = from.redeliveryDelay;
      maxDeadLetters = from.maxDeadLetters;
      retention = from.retention;
      journalBytes = from.journalBytes;
      expireWhenFull = from.expireWhenFull;
      closeWait = from.closeWait;
    }

    QueueOptions options() {
      return new QueueOptions(
          firstCount,
          firstBytes,
          secondCount,
          secondBytes,
          rest.batchCount,
          rest.batchBytes,
          rest.linger,
          rest.maxGroups,
          rest.maxInFlight,
          maxAttempts,
          redeliveryDelay,
          maxDeadLetters,
          rest.cursorInterval,
          retention,
          journalBytes,
          expireWhenFull,
          rest.failurePause,
          closeWait);
    }
  }
}
