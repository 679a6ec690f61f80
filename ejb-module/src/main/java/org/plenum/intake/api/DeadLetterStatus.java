package org.plenum.intake.api;

/** What became of a dead letter. */
public enum DeadLetterStatus {
  /** Nobody has dealt with it. */
  WAITING,
  /** It was replayed and took effect. */
  REPLAYED,
  /** An administrator gave it up. */
  DISCARDED
}
