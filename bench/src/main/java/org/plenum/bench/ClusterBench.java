package org.plenum.bench;

import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Supplier;
import org.plenum.testkit.ClusterServers;

/**
 * The scenarios through HAProxy with one, two and three nodes on this machine: what a delivery
 * costs each kind of process. More nodes on the same cores are not faster; what is looked for is
 * how much more a delivery costs when others have to hear of a post (GRP-1, GRP-10).
 */
final class ClusterBench {
  private static final int GROUPS = 10;
  private static final int MEMBERS = 20;
  private static final double STEADY = 1_000;
  private static final int CROWD = 1_000;
  private static final double CROWD_RATE = 20;

  /** Of the hosts that the model speaks of. */
  private static final double HOST_CORES = 8;

  /** Seconds between two looks at what still compiles. */
  private static final int LOOK = 10;

  /** Of a core, in each node: less is left out of account. */
  private static final double COMPILING = 0.02;

  /** How much more a delivery may cost with the most nodes than with one. */
  private static final double GROWTH = 25;

  private final Report report;
  private final Tokens tokens;
  private final Path payara;
  private final Path project;
  private final Path work;
  private final int warmUp;
  private final int seconds;
  private final int fewest = Integer.getInteger("bench.nodes.from", 1);
  private final int most = Integer.getInteger("bench.nodes", 3);
  private final int longestWarmUp = Integer.getInteger("bench.warmup.longest", 300);
  private final int profile = Integer.getInteger("bench.profile", 0);

  /**
   * A bench that has started nothing yet.
   *
   * @param warmUp seconds of load before the first measurement of each cluster
   * @param seconds of each measurement
   */
  ClusterBench(
      Report report, Tokens tokens, Path payara, Path project, Path work, int warmUp, int seconds) {
    this.report = report;
    this.tokens = tokens;
    this.payara = payara;
    this.project = project;
    this.work = work;
    this.warmUp = warmUp;
    this.seconds = seconds;
  }

  void run() throws InterruptedException, SQLException {
    double[] full = new double[most + 1];
    double[] steady = new double[most + 1];
    double[] crowd = new double[most + 1];
    List<ClusterModel.Measured> measured = new ArrayList<>();
    double idle = 0;
    for (int nodes = fewest; nodes <= most; nodes++) {
      report.progress("starting a cluster of " + nodes);
      try (ClusterServers cluster =
          ClusterServers.start(
              payara,
              project,
              work,
              new ClusterServers.Options(nodes, config(), List.of(), List.of("--heap", heap())))) {
        String name = nodes + " nodes";
        Used inGroups;
        try (PlenumBench groups = new PlenumBench(Target.of(cluster), tokens, GROUPS, MEMBERS)) {
          Load load = groups.load();
          load.startClosedLoop(0, GROUPS * MEMBERS);
          warmUp(cluster);
          full[nodes] = measure(cluster, load, name + ", one in flight").thousand();
          check(name, groups);
          load.startOpenLoop(STEADY);
          BenchMain.pass(5);
          inGroups = measure(cluster, load, "%s, steady %,.0f/s".formatted(name, STEADY));
          steady[nodes] = inGroups.thousand();
          profile(cluster);
          check(name, groups);
          history(cluster, groups.groups().getFirst(), name);
        }
        Used inCrowd = crowd(cluster, name + ", 1 group x " + CROWD);
        crowd[nodes] = inCrowd.thousand();
        Map<String, Double> unused = idle(cluster, name + ", idle");
        measured.add(inGroups.perPost(nodes, MEMBERS, false, unused));
        measured.add(inCrowd.perPost(nodes, CROWD, true, unused));
        idle = Math.max(idle, unused.getOrDefault("leader", 0.0));
      }
    }
    if (fewest == 1 && most > 1) {
      String name = "1 to " + most + " nodes";
      report.atMost(
          name, "CPU of a delivery, steady: growth", growth(steady[1], steady[most]), "%", GROWTH);
      report.atMost(
          name,
          "CPU of a delivery, 1 group x " + CROWD + ": growth",
          growth(crowd[1], crowd[most]),
          "%",
          GROWTH);
      report.add(
          name, "CPU of a delivery, one in flight: growth", growth(full[1], full[most]), "%");
    }
    if (fewest == 1 && most > 2) {
      predict(ClusterModel.fit(measured, idle));
    }
  }

  /**
   * What was used in a measurement.
   *
   * @param perSecond cores, of each kind of process; the leader is one of the nodes too
   * @param posts a second
   * @param deliveries a second
   */
  private record Used(Map<String, Double> perSecond, double posts, double deliveries) {
    /** CPU seconds of all processes for 1,000 deliveries. */
    double thousand() {
      return perSecond.entrySet().stream()
              .filter(each -> !each.getKey().equals("leader"))
              .mapToDouble(Map.Entry::getValue)
              .sum()
          / deliveries
          * 1_000;
    }

    /** The same for one post, without what was used when nobody asked for anything. */
    ClusterModel.Measured perPost(
        int nodes, double each, boolean alone, Map<String, Double> unused) {
      Map<String, Double> costs = new HashMap<>();
      perSecond.forEach(
          (process, cores) ->
              costs.put(process, (cores - unused.getOrDefault(process, 0.0)) / posts));
      double all = costs.getOrDefault("nodes", 0.0);
      double leader = costs.getOrDefault("leader", 0.0);
      costs.keySet().removeAll(List.of("nodes", "leader"));
      return new ClusterModel.Measured(
          nodes,
          each,
          alone,
          leader,
          nodes == 1 ? Double.NaN : (all - leader) / (nodes - 1),
          costs);
    }
  }

  /**
   * Load until the servers are compiled: several virtual machines on few cores take long, and a
   * compiler at work is not what a delivery costs.
   */
  private void warmUp(ClusterServers cluster) {
    BenchMain.pass(warmUp);
    double share;
    int passed = 0;
    do {
      Map<String, ThreadClock> before = threads(cluster);
      BenchMain.pass(LOOK);
      passed += LOOK;
      share = 0;
      for (Map.Entry<String, ThreadClock> node : threads(cluster).entrySet()) {
        ThreadClock earlier = before.getOrDefault(node.getKey(), node.getValue());
        share += node.getValue().since(earlier, "CompilerThre") / LOOK / cluster.nodes().size();
      }
    } while (share > COMPILING && passed < longestWarmUp);
    report.note(
        "%d nodes: measured after %d s of load, with %.1f %% of a core compiling in each node"
            .formatted(cluster.nodes().size(), warmUp + passed, 100 * share));
  }

  /** A profile of the leader and of one other node, while the load goes on. */
  private void profile(ClusterServers cluster) {
    if (profile > 0) {
      Map<String, Long> recorded = new LinkedHashMap<>();
      String leader = cluster.leader();
      recorded.put("leader", cluster.node(leader).pid());
      cluster.nodes().stream()
          .filter(node -> !node.equals(leader))
          .findFirst()
          .ifPresent(node -> recorded.put("follower", cluster.node(node).pid()));
      Path out = Path.of(System.getProperty("bench.out"));
      recorded.values().forEach(pid -> Profile.start(pid, out));
      BenchMain.pass(profile);
      recorded.forEach(
          (name, pid) -> Profile.stop(pid, out, name + "-of-" + cluster.nodes().size()));
    }
  }

  /** What a larger cluster would do with every process on a host of its own. */
  private void predict(ClusterModel model) {
    report.note(model.toString());
    for (int nodes : new int[] {1, 2, 3, 10, 100}) {
      for (int each : new int[] {MEMBERS, CROWD}) {
        String name = "model: %d nodes, %d deliveries a post".formatted(nodes, each);
        ClusterModel.Limit limit = model.limit(nodes, HOST_CORES, each);
        report.add(name, "posts, bound by " + limit.by(), limit.postsPerSecond(), "1/s");
        report.add(name, "deliveries", limit.postsPerSecond() * each, "1/s");
      }
    }
  }

  /** A page of history through HAProxy, beside a trivial resource. */
  private void history(ClusterServers cluster, String group, String name)
      throws InterruptedException {
    int port = cluster.httpPort();
    String token = tokens.of("bench-0");
    String page = "/plenum/api/v1/groups/" + group + "/entries?limit=50&from=1001";
    Requests.perSecond(port, page, token, seconds / 2, report);
    double trivial = Requests.perSecond(port, "/plenum/api/v1/about", null, seconds / 2, report);
    double pages = Requests.perSecond(port, page, token, seconds / 2, report);
    report.add(name, "history, pages of 50", pages, "1/s");
    report.add(name, "history, pages / trivial", 100 * pages / trivial, "%");
  }

  /** One large group at a low rate: its members are spread over the nodes. */
  private Used crowd(ClusterServers cluster, String name)
      throws InterruptedException, SQLException {
    try (PlenumBench crowd = new PlenumBench(Target.of(cluster), tokens, 1, CROWD)) {
      Load load = crowd.load();
      load.startOpenLoop(CROWD_RATE);
      BenchMain.pass(5);
      Used used = measure(cluster, load, name + ", " + (int) CROWD_RATE + " posts/s");
      check(name, crowd);
      return used;
    }
  }

  /** Ends the load; a run with a fault is void. */
  private void check(String name, PlenumBench crowd) throws SQLException {
    List<String> wrong = crowd.settleAndCheck();
    report.atMost(name, "faults found by the checker", wrong.size(), "", 0);
    report.note(String.format(Locale.ROOT, "%s: %,d posts checked", name, crowd.acknowledged()));
    wrong.stream().limit(10).forEach(report::note);
  }

  private static double growth(double from, double to) {
    return 100 * (to / from - 1);
  }

  private static String heap() {
    return System.getProperty("bench.heap", "1g");
  }

  private Map<String, String> config() {
    Map<String, String> config = new HashMap<>(tokens.trust());
    config.put("plenum.limits.writes-per-second", "0");
    config.put("plenum.limits.reads-per-second", "0");
    config.put("plenum.push.sockets-per-account", "100");
    return config;
  }

  /** CPU seconds of each kind of process so far. */
  private static Map<String, Double> cpu(ClusterServers cluster) {
    Map<String, Supplier<ProcessHandle>> single =
        Map.of("HAProxy", cluster::haproxy, "broker", cluster::broker);
    Map<String, Double> used = new LinkedHashMap<>();
    used.put(
        "nodes",
        cluster.nodes().stream().mapToDouble(node -> CpuClock.ofTree(cluster.node(node))).sum());
    used.put("leader", CpuClock.ofTree(cluster.node(cluster.leader())));
    used.put("primary", CpuClock.ofTree(cluster.primary()));
    used.put("replica", CpuClock.ofTree(cluster.replica()));
    single.forEach((name, process) -> used.put(name, CpuClock.ofTree(process.get())));
    return used;
  }

  /** CPU seconds of the threads of each node so far. */
  private static Map<String, ThreadClock> threads(ClusterServers cluster) {
    Map<String, ThreadClock> threads = new LinkedHashMap<>();
    cluster.nodes().forEach(node -> threads.put(node, ThreadClock.now(cluster.node(node))));
    return threads;
  }

  /** Notes where the time of each node went since an earlier reading. */
  private void busiest(
      ClusterServers cluster, String name, Map<String, ThreadClock> earlier, double wall) {
    threads(cluster)
        .forEach(
            (node, now) -> {
              ThreadClock before = earlier.getOrDefault(node, now);
              report.note(
                  name + ", " + node + ": " + String.join(", ", now.busiest(before, wall, 12)));
            });
  }

  /** What nodes use that nobody talks to. */
  private Map<String, Double> idle(ClusterServers cluster, String name) {
    BenchMain.pass(3);
    Map<String, ThreadClock> threads = threads(cluster);
    Map<String, Double> before = cpu(cluster);
    long start = System.nanoTime();
    BenchMain.pass(seconds);
    double wall = (System.nanoTime() - start) / 1e9;
    Map<String, Double> after = cpu(cluster);
    busiest(cluster, name, threads, wall);
    Map<String, Double> unused = cores(before, after, wall);
    unused.forEach((process, used) -> report.add(name, "cores, " + process, used, ""));
    return unused;
  }

  private static Map<String, Double> cores(
      Map<String, Double> before, Map<String, Double> after, double seconds) {
    Map<String, Double> cores = new LinkedHashMap<>();
    after.forEach(
        (process, used) ->
            cores.put(process, (used - before.getOrDefault(process, used)) / seconds));
    return cores;
  }

  /** What a load costs, by kinds of processes. */
  private Used measure(ClusterServers cluster, Load load, String name) {
    report.progress("measuring " + name);
    load.nextWindow();
    Map<String, ThreadClock> threads = threads(cluster);
    Map<String, Double> before = cpu(cluster);
    double machine = CpuClock.ofMachine();
    BenchMain.pass(seconds);
    Load.Window window = load.nextWindow();
    Map<String, Double> after = cpu(cluster);
    machine = CpuClock.ofMachine() - machine;
    busiest(cluster, name, threads, window.seconds());
    report.add(name, "durable posts", window.postsPerSecond(), "1/s");
    report.add(name, "deliveries", window.deliveriesPerSecond(), "1/s");
    report.add(name, "send to delivery p50", window.deliveryMillis(50), "ms");
    report.add(name, "send to delivery p99", window.deliveryMillis(99), "ms");
    Used used =
        new Used(
            cores(before, after, window.seconds()),
            window.postsPerSecond(),
            window.deliveriesPerSecond());
    used.perSecond()
        .forEach(
            (process, cores) ->
                report.add(
                    name,
                    "CPU s per 1,000 deliveries, " + process,
                    1_000 * cores / used.deliveries(),
                    "s"));
    report.add(name, "CPU s per 1,000 deliveries, all", used.thousand(), "s");
    report.add(
        name,
        "machine: all",
        100 * machine / (window.seconds() * Runtime.getRuntime().availableProcessors()),
        "%");
    return used;
  }
}
