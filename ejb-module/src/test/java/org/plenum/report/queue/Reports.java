package org.plenum.report.queue;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.SplittableRandom;

/** Reports for tests; the content tells the sequence it is expected at. */
public final class Reports {
  private Reports() {}

  /**
   * Numbers that differ although their seeds follow each other; those of {@link Random} begin alike
   * then.
   */
  public static Random random(long seed) {
    return new Random(new SplittableRandom(seed).nextLong());
  }

  /** A small one. */
  public static Report of(long number) {
    return sized(number, 0);
  }

  /** One whose payload has so many bytes more. */
  public static Report sized(long number, int more) {
    byte[] name = ("report " + number + " ").getBytes(StandardCharsets.UTF_8);
    byte[] payload = new byte[name.length + more];
    new Random(number).nextBytes(payload);
    System.arraycopy(name, 0, payload, 0, name.length);
    return new Report("source-" + number % 7, "key-" + number, payload);
  }

  /** The same with a place in the queue. */
  public static QueuedReport queued(long sequence) {
    return new QueuedReport(sequence, 1_000 + sequence, of(sequence));
  }

  /** Those from the first to the last sequence. */
  public static List<QueuedReport> range(long first, long last) {
    List<QueuedReport> reports = new ArrayList<>();
    for (long sequence = first; sequence <= last; sequence++) {
      reports.add(queued(sequence));
    }
    return reports;
  }

  /** The sequences of these. */
  public static List<Long> sequences(List<QueuedReport> reports) {
    return reports.stream().map(QueuedReport::sequence).toList();
  }
}
