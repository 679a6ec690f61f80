package org.plenum.intake.api;

/** The queue from which a dead letter came. */
public enum LetterQueue {
  /** The command queue: a replay is a command. */
  COMMANDS,
  /** The report queue: a replay is a report. */
  REPORTS
}
