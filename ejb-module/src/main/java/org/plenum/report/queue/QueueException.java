package org.plenum.report.queue;

import org.jspecify.annotations.Nullable;

/** Whatever the queue cannot do, with a reason that callers can act on. */
public class QueueException extends RuntimeException {
  /** Why. */
  public enum Reason {
    /** Too much waits to be persisted, or the journal reached its size: try again later. */
    FULL,
    /** The storage has no space left: nothing acknowledged is lost; try again later. */
    STORAGE_FULL,
    /** The storage failed: whether the report is stored is unknown; push it again with its key. */
    STORAGE_FAILED,
    /** What is stored cannot be trusted; the message says where and how to repair it. */
    DAMAGED,
    /** Another node has this storage in use. */
    IN_USE,
    /** Another node took this storage over; this queue is of no use any more. */
    FENCED,
    /** The queue is closed. */
    CLOSED,
    /** A newer consumer of the same group took this one's place. */
    REPLACED,
    /** There is no room for one more dead letter; the group waits until some are removed. */
    DEAD_LETTERS_FULL
  }

  private static final long serialVersionUID = 1L;

  private final Reason reason;

  /** With a message for an operator. */
  public QueueException(Reason reason, String message) {
    this(reason, message, null);
  }

  /** With a message for an operator and the cause. */
  public QueueException(Reason reason, String message, @Nullable Throwable cause) {
    super(message, cause);
    this.reason = reason;
  }

  /** Why. */
  public Reason reason() {
    return reason;
  }
}
