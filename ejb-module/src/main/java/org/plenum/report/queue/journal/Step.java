package org.plenum.report.queue.journal;

/** The steps of the journal between which a process can die. */
enum Step {
  SEGMENT_FILLED,
  SEGMENT_NAMED,
  BATCH_WRITTEN,
  BATCH_FORCED,
  BATCH_DURABLE,
  CURSORS_WRITTEN,
  CURSORS_FORCED,
  DEAD_LETTER_WRITTEN,
  DEAD_LETTER_FORCED,
  SEGMENT_DISCARDED
}
