package org.plenum.bench;

import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Who was busy up to a moment: server, database, messaging server, load and the whole machine, the
 * server's threads, and the disk.
 *
 * @param messaging CPU seconds of the messaging server, 0 without one
 */
record Busy(CpuClock.Reading processes, double messaging, ThreadClock threads, DiskClock disk) {
  private static final int THREADS = 12;

  static Busy now(ProcessHandle server, ProcessHandle database, @Nullable ProcessHandle messaging) {
    return new Busy(
        CpuClock.Reading.now(server, database),
        messaging == null ? 0 : CpuClock.ofTree(messaging),
        ThreadClock.now(server),
        DiskClock.now());
  }

  /** Time that passed since an earlier moment. */
  double seconds(Busy earlier) {
    return processes.since(earlier.processes).nanos() / 1e9;
  }

  /** What a thousand reports cost since an earlier moment. */
  void cost(Report report, String name, Busy earlier, long reports) {
    CpuClock.Reading used = processes.since(earlier.processes);
    double each = 1000.0 / reports;
    report.add(name, "CPU s per 1,000 reports, server", used.server() * each, "s");
    report.add(name, "CPU s per 1,000 reports, database", used.database() * each, "s");
    if (messaging > 0) {
      double cost = (messaging - earlier.messaging) * each;
      report.add(name, "CPU s per 1,000 reports, XMPP server", cost, "s");
    }
  }

  /**
   * Shares since an earlier moment.
   *
   * @param sessions what the sessions of the database did
   */
  void tell(Report report, String name, Busy earlier, String sessions) {
    CpuClock.Reading used = processes.since(earlier.processes);
    String xmpp =
        messaging > 0
            ? String.format(
                Locale.ROOT, " + XMPP server %.0f", used.percent(messaging - earlier.messaging))
            : "";
    report.note(
        String.format(
            Locale.ROOT,
            "%s: of the machine server %.0f + database %.0f%s + load %.0f %%, all %.0f %%; disk: %s",
            name,
            used.percent(used.server()),
            used.percent(used.database()),
            xmpp,
            used.percent(used.load()),
            used.percent(used.machine()),
            disk.since(earlier.disk)));
    List<String> busiest = threads.busiest(earlier.threads, seconds(earlier), THREADS);
    report.note(name + ", threads of the server: " + String.join(", ", busiest));
    report.note(name + ", sessions in the database: " + sessions);
  }
}
