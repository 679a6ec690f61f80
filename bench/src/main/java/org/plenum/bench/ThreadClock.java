package org.plenum.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * CPU time of a process by the names of its threads, from {@code /proc}, in seconds; numbers at the
 * end of a name are left out. Of threads that ended nothing is known.
 */
record ThreadClock(Map<String, Double> seconds) {
  private static final double TICKS = 100;

  static ThreadClock now(ProcessHandle process) {
    Map<String, Double> seconds = new TreeMap<>();
    try (Stream<Path> threads = Files.list(Path.of("/proc/" + process.pid() + "/task"))) {
      threads.forEach(thread -> add(seconds, thread));
    } catch (IOException e) {
      return new ThreadClock(Map.of());
    }
    return new ThreadClock(seconds);
  }

  private static void add(Map<String, Double> seconds, Path thread) {
    try {
      String stat = Files.readString(thread.resolve("stat"));
      int end = stat.lastIndexOf(')');
      String[] fields = stat.substring(end + 2).split(" ", -1);
      double used = (Long.parseLong(fields[11]) + Long.parseLong(fields[12])) / TICKS;
      String name = stat.substring(stat.indexOf('(') + 1, end).replaceAll("[-#( ]*[0-9]+\\)?$", "");
      seconds.merge(name, used, Double::sum);
    } catch (IOException e) {
      // It ended meanwhile.
      seconds.merge("ended", 0.0, Double::sum);
    }
  }

  /** The busiest of what was used since an earlier reading, as "name percent" of the machine. */
  List<String> busiest(ThreadClock earlier, double wallSeconds, int count) {
    double machine = wallSeconds * Runtime.getRuntime().availableProcessors();
    return seconds.entrySet().stream()
        .map(each -> Map.entry(each.getKey(), each.getValue() - earlier.of(each.getKey())))
        .sorted(Map.Entry.<String, Double>comparingByValue().reversed())
        .limit(count)
        .map(each -> "%s %.1f %%".formatted(each.getKey(), 100 * each.getValue() / machine))
        .toList();
  }

  /** CPU seconds since an earlier reading of the threads with that in their names. */
  double since(ThreadClock earlier, String part) {
    return seconds.entrySet().stream()
        .filter(each -> each.getKey().contains(part))
        .mapToDouble(each -> each.getValue() - earlier.of(each.getKey()))
        .sum();
  }

  private double of(String name) {
    return seconds.getOrDefault(name, 0.0);
  }
}
