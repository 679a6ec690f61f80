package org.plenum.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * The figures of a run: printed as they come, kept as a Markdown table and as JSON. Not
 * thread-safe.
 */
final class Report {
  private final List<Row> rows = new ArrayList<>();
  private final List<String> notes = new ArrayList<>();

  private record Row(
      String scenario, String figure, double value, String unit, String target, Boolean met) {}

  /** A figure without a target. */
  void add(String scenario, String figure, double value, String unit) {
    keep(new Row(scenario, figure, value, unit, "", true));
  }

  /** A figure that is to be at least the target. */
  void atLeast(String scenario, String figure, double value, String unit, double target) {
    keep(new Row(scenario, figure, value, unit, "at least " + text(target), value >= target));
  }

  /** A figure that is to be at most the target. */
  void atMost(String scenario, String figure, double value, String unit, double target) {
    keep(new Row(scenario, figure, value, unit, "at most " + text(target), value <= target));
  }

  /** A sentence beside the table. */
  void note(String text) {
    notes.add(text);
    System.out.println("NOTE " + text);
  }

  /** Says what happens now. */
  void progress(String text) {
    System.out.println("... " + text);
  }

  private void keep(Row row) {
    rows.add(row);
    System.out.printf(
        Locale.ROOT,
        "%-34s %-44s %14s %-12s %s%n",
        row.scenario,
        row.figure,
        text(row.value),
        row.unit,
        row.target.isEmpty() ? "" : row.target + (row.met ? ": met" : ": MISSED"));
  }

  /** Writes {@code report.md} and {@code report.json} to the folder. */
  void write(Path folder) throws IOException {
    StringBuilder table = new StringBuilder();
    table.append("Run on ").append(date()).append(": ").append(machine()).append("\n\n");
    table.append(
        "| Scenario | Figure | Value | Unit | Target | Met |\n|---|---|--:|---|---|---|\n");
    StringBuilder json = new StringBuilder("{\"date\":\"" + Instant.now() + "\",\"rows\":[");
    for (Row row : rows) {
      String met = row.target.isEmpty() ? "" : row.met ? "yes" : "**no**";
      table.append(
          "| %s | %s | %s | %s | %s | %s |\n"
              .formatted(row.scenario, row.figure, text(row.value), row.unit, row.target, met));
      json.append(
          "{\"scenario\":\"%s\",\"figure\":\"%s\",\"value\":%s,\"unit\":\"%s\",\"target\":\"%s\"},"
              .formatted(row.scenario, row.figure, row.value, row.unit, row.target));
    }
    if (!rows.isEmpty()) {
      json.setLength(json.length() - 1);
    }
    table.append('\n');
    notes.forEach(note -> table.append("- ").append(note).append('\n'));
    Files.createDirectories(folder);
    Files.writeString(folder.resolve("report.md"), table);
    Files.writeString(folder.resolve("report.json"), json.append("]}\n"));
    System.out.println("Kept in " + folder.toAbsolutePath());
  }

  private static String date() {
    return Instant.now().atZone(ZoneOffset.UTC).truncatedTo(ChronoUnit.MINUTES).toString();
  }

  private static String machine() throws IOException {
    Path info = Path.of("/proc/cpuinfo");
    String processor =
        Files.exists(info)
            ? Files.readAllLines(info).stream()
                .filter(line -> line.startsWith("model name"))
                .map(line -> line.substring(line.indexOf(':') + 2))
                .findFirst()
                .orElse("unknown processor")
            : System.getProperty("os.arch");
    return "%d cores (%s), %s %s, Java %s, load and servers on the same machine"
        .formatted(
            Runtime.getRuntime().availableProcessors(),
            processor,
            System.getProperty("os.name"),
            System.getProperty("os.version"),
            Runtime.version().feature());
  }

  private static String text(double value) {
    if (value >= 1000) {
      return String.format(Locale.ROOT, "%,.0f", value);
    }
    return String.format(Locale.ROOT, value >= 10 ? "%.1f" : "%.3f", value);
  }
}
