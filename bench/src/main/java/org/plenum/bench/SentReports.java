package org.plenum.bench;

/**
 * Reports of one sender that were acknowledged. Their keys are the prefix and a number of twelve
 * digits: 0, 1, 2 and so on, in the order of sending.
 */
record SentReports(String source, String keyPrefix, long count) {
  /** The key of a report by its number. */
  String key(long number) {
    return "%s%012d".formatted(keyPrefix, number);
  }
}
