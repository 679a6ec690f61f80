package org.plenum.report.queue.journal;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.plenum.report.queue.QueuedReport;
import org.plenum.report.queue.ReportStore;
import org.plenum.report.queue.Reports;

/** What processes of {@link QueueProcess} said, one after the other on one storage. */
public final class QueueLog {
  private final NavigableMap<Long, Long> acknowledged = new TreeMap<>();
  private final Map<String, Integer> refused = new TreeMap<>();
  private long consumed;
  private long numbers = 1;

  /** Takes a line of a process. */
  public void note(String line) {
    String[] words = line.split(" ");
    switch (words[0]) {
      case "a" -> {
        Long before = acknowledged.put(Long.parseLong(words[1]), Long.parseLong(words[2]));
        assertThat(before).as("acknowledged twice at %s", words[1]).isNull();
        numbers = Math.max(numbers, Long.parseLong(words[2]) + 1_000);
      }
      case "d" -> consumed = Math.max(consumed, Long.parseLong(words[1]));
      case "f" -> refused.merge(words[1], 1, Integer::sum);
      default -> {}
    }
  }

  /** Reports that were acknowledged so far. */
  public int acknowledged() {
    return acknowledged.size();
  }

  /** How often something was refused for this reason. */
  public int refused(String reason) {
    return refused.getOrDefault(reason, 0);
  }

  /** The first number that a next process may use. */
  public long numbers() {
    return numbers;
  }

  /** All that was acknowledged and is not done with is in its place, once, with its content. */
  public void verify(ReportStore store, ReportStore.Contents found) {
    long last = acknowledged.isEmpty() ? 0 : acknowledged.lastKey();
    assertThat(found.last()).as("last report").isGreaterThanOrEqualTo(last);
    assertThat(found.first() - 1).as("given up only what is done").isLessThanOrEqualTo(consumed);
    assertThat(found.cursors()).allMatch(cursor -> cursor.acked() <= consumed);
    long next = found.first();
    while (next <= found.last()) {
      for (QueuedReport report : store.read(next, 500, 1 << 20)) {
        assertThat(report.sequence()).isEqualTo(next);
        Long number = acknowledged.get(next);
        long stored = Long.parseLong(report.report().key().substring("key-".length()));
        assertThat(number == null || number == stored)
            .as("at %d: %d was acknowledged, %d is stored", next, number, stored)
            .isTrue();
        assertThat(report.report().payload())
            .isEqualTo(Reports.sized(stored, (int) (stored % 500)).payload());
        next++;
      }
    }
  }
}
