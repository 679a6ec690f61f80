package org.plenum.bench;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Locale;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.plenum.testkit.PlenumServer;
import org.plenum.testkit.PostgresServer;
import org.plenum.testkit.XmppServer;

/**
 * Measures how a load of reports gets through a server. A run in which a report is missing, doubled
 * or out of order is void.
 */
final class IntakeMeasure {
  /** Less than the shortest pause after which a displaced reader of XMPP comes back. */
  private static final int AWAY_SECONDS = 12;

  private final Report report;
  private final PostgresServer postgres;
  private final PlenumServer server;
  private final @Nullable XmppServer messaging;
  private final int seconds = Integer.getInteger("bench.seconds", 20);
  private final int profile = Integer.getInteger("bench.profile", 0);
  private final Path out = Path.of(System.getProperty("bench.out", "."));

  /** Measures this server; the messaging server is one more process that may be the bound. */
  IntakeMeasure(
      Report report, PostgresServer postgres, PlenumServer server, @Nullable XmppServer messaging) {
    this.report = report;
    this.postgres = postgres;
    this.server = server;
    this.messaging = messaging;
  }

  private Busy busy() {
    return Busy.now(
        server.process(),
        ProcessHandle.of(postgres.pid()).orElseThrow(),
        messaging == null ? null : messaging.process());
  }

  /**
   * A warm-up, the load for the time of a measurement, and the time until all is stored.
   *
   * @param file of its profile, without an end
   * @param warming seconds of the warm-up
   * @param loads makes one load each time
   */
  void run(String name, String file, int warming, Supplier<ReportLoad> loads)
      throws InterruptedException, SQLException {
    report.progress(name);
    try (Connection database = postgres.connect()) {
      StoredReports stored = new StoredReports(database);
      unmeasured(loads.get(), stored, name + ", warm-up", warming);
      long first = stored.last();
      ReportLoad load = loads.get();
      SessionClock sessions = new SessionClock(postgres);
      Busy begin = busy();
      load.start();
      BenchMain.pass(seconds);
      Busy middle = busy();
      long storedByThen = stored.last() - first;
      long acknowledgedByThen = load.acknowledged();
      List<SentReports> sent = load.stop();
      require(name, load);
      Busy stopped = busy();
      String seen = sessions.ended();
      SessionClock draining = new SessionClock(postgres);
      long waiting = load.acknowledged() - (stored.last() - first);
      stored.awaitAll(first, load.acknowledged());
      Busy end = busy();
      String seenLater = draining.ended();
      report.add(name, "acknowledged", acknowledgedByThen / middle.seconds(begin), "1/s");
      report.add(name, "stored meanwhile", storedByThen / middle.seconds(begin), "1/s");
      report.add(name, "end to end", load.acknowledged() / end.seconds(begin), "1/s");
      report.add(name, "send to acknowledgement p50", load.acknowledgementMillis(50), "ms");
      report.add(name, "send to acknowledgement p99", load.acknowledgementMillis(99), "ms");
      end.cost(report, name, begin, load.acknowledged());
      middle.tell(report, name + ", while sent", begin, seen);
      if (waiting > 0 && end.seconds(stopped) > 1) {
        report.add(name, "stored after the last was sent", waiting / end.seconds(stopped), "1/s");
        end.tell(report, name + ", after the last was sent", stopped, seenLater);
      }
      check(name, stored, sent, load.acknowledged());
      profile(loads, stored, name, file);
    }
  }

  /** The load while nothing reads what it sends, and how that is stored from then on. */
  void catchUp(String name, ReportLoad load) throws InterruptedException, SQLException {
    report.progress(name);
    try (Connection database = postgres.connect()) {
      StoredReports stored = new StoredReports(database);
      long first = stored.last();
      load.start();
      BenchMain.pass(AWAY_SECONDS);
      List<SentReports> sent = load.stop();
      require(name, load);
      long early = stored.last() - first;
      stored.awaitAll(first, 1);
      SessionClock sessions = new SessionClock(postgres);
      Busy from = busy();
      long rest = first + load.acknowledged() - stored.last();
      stored.awaitAll(first, load.acknowledged());
      Busy end = busy();
      report.add(name, "acknowledged", load.acknowledged() / (double) AWAY_SECONDS, "1/s");
      report.add(name, "stored after the last was sent", rest / end.seconds(from), "1/s");
      end.cost(report, name, from, rest);
      end.tell(report, name, from, sessions.ended());
      check(name, stored, sent, load.acknowledged());
      if (early > 0) {
        report.note(name + ": " + early + " were stored before the last was sent");
      }
    }
  }

  private void unmeasured(ReportLoad load, StoredReports stored, String name, int forSeconds)
      throws InterruptedException, SQLException {
    long first = stored.last();
    load.start();
    BenchMain.pass(forSeconds);
    List<SentReports> sent = load.stop();
    require(name, load);
    stored.awaitAll(first, load.acknowledged());
    check(name, stored, sent, load.acknowledged());
  }

  private void profile(Supplier<ReportLoad> loads, StoredReports stored, String name, String file)
      throws InterruptedException, SQLException {
    if (profile > 0) {
      long pid = server.process().pid();
      Profile.start(pid, out);
      unmeasured(loads.get(), stored, name + ", profile", profile);
      Profile.stop(pid, out, file);
    }
  }

  private static void require(String name, ReportLoad load) {
    if (!load.faults().isEmpty()) {
      throw new IllegalStateException(name + ": " + load.faults().stream().limit(5).toList());
    }
  }

  private void check(String name, StoredReports stored, List<SentReports> sent, long acknowledged)
      throws SQLException {
    for (SentReports each : sent) {
      String wrong = stored.wrong(each);
      if (!wrong.isEmpty()) {
        throw new IllegalStateException(name + ": " + wrong);
      }
    }
    report.note(
        String.format(
            Locale.ROOT,
            "%s: %,d reports checked: each stored once, in order",
            name,
            acknowledged));
  }
}
