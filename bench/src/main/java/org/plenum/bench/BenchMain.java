package org.plenum.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.plenum.bench.net.EventLoop;
import org.plenum.testkit.PlenumServer;
import org.plenum.testkit.PostgresServer;
import org.plenum.testkit.ProsodyServer;

/**
 * Runs the scenarios named on the command line (all when none is): {@code groups crowd history idle
 * commands peer}, and {@code cluster} or {@code intakes} (with {@code rest}, {@code jms}, {@code
 * xmpp} for one of them alone) when it is named. System properties: {@code bench.seconds} of each
 * measurement, {@code bench.warmup} seconds of load before the first, {@code bench.profile} seconds
 * of a Flight Recorder profile after each measurement, {@code bench.out} folder.
 */
public final class BenchMain {
  private static final int SECONDS = Integer.getInteger("bench.seconds", 20);
  private static final int WARM_UP = Integer.getInteger("bench.warmup", 60);
  private static final int PROFILE = Integer.getInteger("bench.profile", 0);
  private static final int GROUPS = 10;
  private static final int MEMBERS = 20;
  private static final double STEADY = 3_000;

  private final Report report = new Report();
  private final PostgresServer postgres;
  private final Tokens tokens;
  private final Path work;
  private @Nullable PlenumServer plenum;

  private BenchMain(PostgresServer postgres, Tokens tokens, Path work) {
    this.postgres = postgres;
    this.tokens = tokens;
    this.work = work;
  }

  /** Entry point. */
  public static void main(String[] arguments) throws Exception {
    Set<String> wanted =
        arguments.length == 0
            ? Set.of("groups", "crowd", "history", "idle", "commands", "peer")
            : new TreeSet<>(List.of(arguments));
    Path work = path("plenum.work");
    Tokens tokens = new Tokens(work);
    List<String> settings =
        List.of("max_connections = 100", "shared_buffers = 256MB", "max_wal_size = 4GB");
    try (PostgresServer postgres = PostgresServer.start(work, settings)) {
      BenchMain bench = new BenchMain(postgres, tokens, work);
      try {
        bench.run(wanted);
      } finally {
        bench.stop();
        bench.report.write(path("bench.out"));
      }
    }
  }

  private PlenumServer server() {
    PlenumServer running = plenum;
    if (running == null) {
      running = PlenumServer.start(options(Map.of()));
      plenum = running;
    }
    return running;
  }

  private void stop() {
    if (plenum != null) {
      plenum.close();
      plenum = null;
    }
  }

  private PlenumServer.Options options(Map<String, String> special) {
    Map<String, String> config = new HashMap<>(tokens.trust());
    config.put("plenum.limits.writes-per-second", "0");
    config.put("plenum.limits.reads-per-second", "0");
    config.put("plenum.push.sockets-per-account", "100");
    config.putAll(special);
    String settings = System.getProperty("bench.config", "");
    if (!settings.isEmpty()) {
      for (String setting : settings.split(" ", -1)) {
        config.put(
            setting.substring(0, setting.indexOf('=')),
            setting.substring(setting.indexOf('=') + 1));
      }
    }
    String more = System.getProperty("bench.jvm", "");
    return new PlenumServer.Options(
        path("plenum.payara.home"),
        path("plenum.project"),
        path("plenum.ear"),
        work,
        "jdbc:postgresql://127.0.0.1:%d/plenum".formatted(postgres.port()),
        System.getProperty("bench.heap", "2g"),
        config,
        more.isEmpty() ? List.of() : List.of(more.split(" ", -1)));
  }

  private static Path path(String property) {
    String value = System.getProperty(property);
    if (value == null) {
      throw new IllegalArgumentException(property + " is not set; use bench/run");
    }
    return Path.of(value).toAbsolutePath().normalize();
  }

  private void run(Set<String> wanted) throws InterruptedException, SQLException, IOException {
    String group = "";
    if (wanted.contains("groups")) {
      group = groups();
    }
    if (wanted.contains("crowd")) {
      crowd();
    }
    if (wanted.contains("history") && !group.isEmpty()) {
      history(group);
    }
    if (wanted.contains("idle")) {
      idle();
    }
    stop();
    if (wanted.contains("commands")) {
      commands("1");
      commands("100");
    }
    if (wanted.contains("peer")) {
      peer();
    }
    if (wanted.contains("intakes")) {
      new IntakesBench(report, postgres, tokens, special -> PlenumServer.start(options(special)))
          .run(wanted, () -> ProsodyServer.start(work));
    }
    if (wanted.contains("cluster")) {
      new ClusterBench(
              report,
              tokens,
              path("plenum.payara.home"),
              path("plenum.project"),
              work,
              WARM_UP,
              SECONDS)
          .run();
    }
  }

  private CpuClock.Reading reading(ProcessHandle process) {
    return CpuClock.Reading.now(process, ProcessHandle.of(postgres.pid()).orElseThrow());
  }

  /** Scenario (a): ten groups of twenty. Returns one of the groups, full of messages. */
  private String groups() throws InterruptedException, SQLException {
    try (PlenumBench crowd =
        new PlenumBench(Target.of(server(), postgres), tokens, GROUPS, MEMBERS)) {
      Load load = crowd.load();
      load.startClosedLoop(0, GROUPS * MEMBERS);
      pass(WARM_UP); // the server's hot paths are compiled: until then the compiler takes a third
      report.progress("measuring under full load");
      load.nextWindow();
      CpuClock.Reading before = reading(server().process());
      ThreadClock threads = ThreadClock.now(server().process());
      pass(SECONDS);
      Load.Window closed = load.nextWindow();
      CpuClock.Reading used = reading(server().process()).since(before);
      String name = "10 groups x 20, one in flight";
      report.atLeast(name, "durable posts", closed.postsPerSecond(), "1/s", 10_000);
      report.atLeast(name, "deliveries", closed.deliveriesPerSecond(), "1/s", 200_000);
      latencies(name, closed);
      cpu(name, used, closed);
      busiest(name, threads, closed);
      profile("closed");
      check(name, crowd);

      report.progress("measuring at a steady rate");
      load.startOpenLoop(STEADY);
      pass(5);
      load.nextWindow();
      before = reading(server().process());
      threads = ThreadClock.now(server().process());
      pass(SECONDS);
      Load.Window steady = load.nextWindow();
      used = reading(server().process()).since(before);
      name = "10 groups x 20, steady 3,000/s";
      report.atLeast(name, "durable posts", steady.postsPerSecond(), "1/s", STEADY * 0.99);
      report.atMost(name, "send to delivery p99", steady.deliveryMillis(99), "ms", 40);
      latencies(name, steady);
      report.atMost(
          name,
          "server and database, of the machine",
          used.percent(used.server() + used.database()),
          "%",
          50);
      cpu(name, used, steady);
      busiest(name, threads, steady);
      profile("steady");
      check(name, crowd);

      load.nextWindow();
      load.startClosedLoop(0, 1);
      pass(Math.min(SECONDS, 10));
      Load.Window alone = load.nextWindow();
      name = "one sender alone, group of 20";
      report.atMost(name, "send to ack p50", alone.acknowledgementMillis(50), "ms", 5);
      latencies(name, alone);
      check(name, crowd);
      load.notices().forEach((kind, count) -> report.note("frames of type " + kind + ": " + count));
      return crowd.groups().get(0);
    }
  }

  /** Scenario (b): one group of a thousand. */
  private void crowd() throws InterruptedException, SQLException {
    try (PlenumBench crowd = new PlenumBench(Target.of(server(), postgres), tokens, 1, 1_000)) {
      Load load = crowd.load();
      load.startOpenLoop(20);
      pass(5);
      load.nextWindow();
      CpuClock.Reading before = reading(server().process());
      pass(SECONDS);
      Load.Window window = load.nextWindow();
      CpuClock.Reading used = reading(server().process()).since(before);
      String name = "1 group x 1,000, 20 posts/s";
      report.atMost(name, "send to delivery p99", window.deliveryMillis(99), "ms", 60);
      latencies(name, window);
      cpu(name, used, window);
      check(name, crowd);
    }
  }

  /**
   * The command queue, consumed so many messages to a transaction. One is what a message-driven
   * bean that keeps the order would do: a message, its commit at the writer, its commit at the
   * broker.
   */
  private void commands(String batch) throws SQLException {
    try (PlenumServer fresh = PlenumServer.start(options(Map.of("plenum.intake.batch", batch)))) {
      CommandQueueBench bench = new CommandQueueBench(fresh, postgres, tokens);
      Path payara = path("plenum.payara.home");
      bench.commandsPerSecond(payara, 3_000);
      double rate = bench.commandsPerSecond(payara, batch.equals("1") ? 5_000 : 20_000);
      report.add("command queue, " + batch + " a transaction", "commands", rate, "1/s");
    }
  }

  /** The peer under the same load: ten rooms of twenty, then one room of five hundred. */
  private void peer() throws InterruptedException, SQLException, IOException {
    try (Ejabberd ejabberd = Ejabberd.start(work, postgres, 500)) {
      long before = 0;
      before += peer(ejabberd, "ejabberd, 10 rooms x 20, one in flight", GROUPS, MEMBERS, before);
      peer(ejabberd, "ejabberd, 1 room x 500, one in flight", 1, 500, before);
    }
  }

  private long peer(Ejabberd ejabberd, String name, int rooms, int size, long archivedBefore)
      throws InterruptedException, SQLException {
    int members = rooms * size;
    int first = rooms == 1 ? GROUPS : 0;
    try (EventLoop loop = new EventLoop("peer")) {
      Load load = new Load(loop, members, rooms);
      for (int i = 0; i < members; i++) {
        CountDownLatch joined = new CountDownLatch(1);
        loop.connect(
            new XmppMember(load, Ejabberd.HOST, i, i / size, first + i / size, joined::countDown),
            ejabberd.port());
        if (!joined.await(20, TimeUnit.SECONDS)) {
          throw new IllegalStateException("occupant " + i + " got in not");
        }
      }
      load.startClosedLoop(0, rooms == 1 ? MEMBERS : members);
      pass(Math.max(5, SECONDS / 2));
      load.nextWindow();
      CpuClock.Reading from = reading(ejabberd.process());
      pass(SECONDS);
      Load.Window window = load.nextWindow();
      CpuClock.Reading used = reading(ejabberd.process()).since(from);
      report.add(name, "archived posts", window.postsPerSecond(), "1/s");
      report.add(name, "deliveries", window.deliveriesPerSecond(), "1/s");
      latencies(name, window);
      cpu(name, used, window);
      load.stop();
      long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
      while (!load.quiet() && System.nanoTime() < end) {
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(50));
      }
      List<String> wrong = load.verdict();
      long posted = 0;
      for (int count : load.acknowledgedByMember()) {
        posted += count;
      }
      long archived = ejabberd.archived() - archivedBefore;
      report.atMost(name, "faults found by the checker", wrong.size(), "", 0);
      report.note(name + ": " + posted + " posted, " + archived + " archived");
      wrong.stream().limit(5).forEach(report::note);
      return archived;
    }
  }

  private void latencies(String name, Load.Window window) {
    report.add(name, "send to delivery p50", window.deliveryMillis(50), "ms");
    report.add(name, "send to delivery p99", window.deliveryMillis(99), "ms");
    report.add(name, "send to delivery max", window.deliveryMillis(100), "ms");
    report.add(name, "send to ack p50", window.acknowledgementMillis(50), "ms");
    report.add(name, "send to ack p99", window.acknowledgementMillis(99), "ms");
  }

  private void cpu(String name, CpuClock.Reading used, Load.Window window) {
    double each = 1000.0 / window.deliveries();
    report.add(name, "CPU s per 1,000 deliveries, server", used.server() * each, "s");
    report.add(name, "CPU s per 1,000 deliveries, database", used.database() * each, "s");
    report.add(name, "machine: server", used.percent(used.server()), "%");
    report.add(name, "machine: database", used.percent(used.database()), "%");
    report.add(name, "machine: load client", used.percent(used.load()), "%");
    report.add(name, "machine: all", used.percent(used.machine()), "%");
  }

  /** Where the server's time went, by the names of its threads. */
  private void busiest(String name, ThreadClock earlier, Load.Window window) {
    ThreadClock now = ThreadClock.now(server().process());
    report.note(
        name
            + ", threads of the server: "
            + String.join(", ", now.busiest(earlier, window.seconds(), 14)));
  }

  private void profile(String name) {
    if (PROFILE > 0) {
      long pid = server().process().pid();
      Profile.start(pid, path("bench.out"));
      pass(PROFILE);
      Profile.stop(pid, path("bench.out"), name);
    }
  }

  private void check(String name, PlenumBench crowd) throws SQLException {
    List<String> wrong = crowd.settleAndCheck();
    report.atMost(name, "faults found by the checker", wrong.size(), "", 0);
    report.note(
        String.format(
            Locale.ROOT,
            "%s: %,d posts checked: stored once, gapless, delivered to all, in one order",
            name,
            crowd.acknowledged()));
    wrong.stream().limit(10).forEach(report::note);
  }

  private double rate(String path, @Nullable String token) throws InterruptedException {
    return Requests.perSecond(server().httpPort(), path, token, SECONDS / 2, report);
  }

  /** Scenario (c): a page of history beside a trivial resource of the same server. */
  private void history(String group) throws InterruptedException {
    String token = tokens.of("bench-0");
    String page = "/plenum/api/v1/groups/" + group + "/entries?limit=50&from=1001";
    double[] trivial = new double[2];
    double[] pages = new double[2];
    for (int round = 0; round < 2; round++) {
      trivial[round] = rate("/plenum/api/v1/about", null);
      pages[round] = rate(page, token);
    }
    String name = "history, page of 50";
    report.add(name, "trivial resource (/about)", trivial[1], "1/s");
    report.add(name, "pages", pages[1], "1/s");
    report.atLeast(name, "pages / trivial", 100 * pages[1] / trivial[1], "%", 60);
  }

  /** Scenario (d): heap of 5,000 sockets that are signed in and silent. */
  private void idle() throws InterruptedException {
    int sockets = 5_000;
    int people = 200;
    CountDownLatch ready = new CountDownLatch(sockets);
    try (PlenumBench warm =
            new PlenumBench(Target.of(server(), postgres), tokens, GROUPS, MEMBERS);
        EventLoop loop = new EventLoop("idle")) {
      long before = usedHeap();
      Load load = new Load(loop, sockets, 1);
      for (int i = 0; i < sockets; i++) {
        String group = warm.groups().get(i % people / MEMBERS);
        loop.connect(
            new PlenumMember(
                load,
                server().httpPort(),
                tokens.of("bench-" + i % people),
                i,
                0,
                group,
                1,
                ready::countDown),
            server().httpPort());
        if (i % 500 == 499) {
          pass(1);
        }
      }
      boolean all = ready.await(1, TimeUnit.MINUTES);
      pass(3);
      double each = (usedHeap() - before) / 1024.0 / sockets;
      report.atMost("5,000 idle sockets", "heap of each", each, "KB", 35);
      if (!all) {
        report.note(ready.getCount() + " of the idle sockets were not welcomed: " + load.verdict());
      }
    }
  }

  /** Bytes of heap in use after two full collections. */
  private long usedHeap() {
    String pid = Long.toString(server().process().pid());
    Jcmd.run(pid, "GC.run");
    Jcmd.run(pid, "GC.run");
    return Jcmd.usedHeap(pid);
  }

  static void pass(int seconds) {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
    for (long left = end - System.nanoTime(); left > 0; left = end - System.nanoTime()) {
      LockSupport.parkNanos(left);
    }
  }
}
