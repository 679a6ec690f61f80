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
  private static final int CROWD = 500;
  private static final double CROWD_RATE = 20;

  /** Of the hosts that the model speaks of. */
  private static final double HOST_CORES = 8;

  /** How much more a delivery may cost with the most nodes than with one. */
  private static final double GROWTH = 25;

  private final Report report;
  private final Tokens tokens;
  private final Path payara;
  private final Path project;
  private final Path work;
  private final int warmUp;
  private final int seconds;
  private final Map<String, Double> usedPerPost = new HashMap<>();
  private final int most = Integer.getInteger("bench.nodes", 3);

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
    List<ClusterModel.Measured> measured = new ArrayList<>();
    for (int nodes = 1; nodes <= most; nodes++) {
      report.progress("starting a cluster of " + nodes);
      try (ClusterServers cluster =
          ClusterServers.start(
              payara,
              project,
              work,
              new ClusterServers.Options(nodes, config(), List.of(), List.of("--heap", heap())))) {
        try (PlenumBench crowd = new PlenumBench(Target.of(cluster), tokens, GROUPS, MEMBERS)) {
          Load load = crowd.load();
          load.startClosedLoop(0, GROUPS * MEMBERS);
          BenchMain.pass(warmUp);
          full[nodes] = measure(cluster, load, nodes + " nodes, one in flight");
          String name = nodes + " nodes";
          check(name, crowd);
          load.startOpenLoop(STEADY);
          BenchMain.pass(5);
          steady[nodes] =
              measure(cluster, load, "%d nodes, steady %,.0f/s".formatted(nodes, STEADY));
          measured.add(
              new ClusterModel.Measured(nodes, perPost("leader"), follower(nodes), rest()));
          check(name, crowd);
          history(cluster, crowd.groups().getFirst(), name);
        }
        crowd(cluster, nodes + " nodes, 1 group x " + CROWD);
      }
    }
    if (most > 1) {
      String name = "1 to " + most + " nodes";
      report.atMost(
          name, "CPU of a delivery, steady: growth", growth(steady[1], steady[most]), "%", GROWTH);
      report.add(
          name, "CPU of a delivery, one in flight: growth", growth(full[1], full[most]), "%");
    }
    if (most > 2) {
      predict(ClusterModel.fit(measured, MEMBERS));
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

  /** CPU seconds of a kind of process for one post, in the last measurement. */
  private double perPost(String process) {
    return usedPerPost.getOrDefault(process, 0.0);
  }

  private double follower(int nodes) {
    return nodes == 1 ? Double.NaN : (perPost("nodes") - perPost("leader")) / (nodes - 1);
  }

  private Map<String, Double> rest() {
    Map<String, Double> rest = new HashMap<>(usedPerPost);
    rest.keySet().removeAll(List.of("nodes", "leader"));
    return rest;
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
  private void crowd(ClusterServers cluster, String name)
      throws InterruptedException, SQLException {
    try (PlenumBench crowd = new PlenumBench(Target.of(cluster), tokens, 1, CROWD)) {
      Load load = crowd.load();
      load.startOpenLoop(CROWD_RATE);
      BenchMain.pass(5);
      measure(cluster, load, name + ", " + (int) CROWD_RATE + " posts/s");
      check(name, crowd);
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

  /** Returns the CPU seconds of all processes of the cluster for 1,000 deliveries. */
  private double measure(ClusterServers cluster, Load load, String name) {
    report.progress("measuring " + name);
    load.nextWindow();
    Map<String, Double> before = cpu(cluster);
    double machine = CpuClock.ofMachine();
    BenchMain.pass(seconds);
    Load.Window window = load.nextWindow();
    Map<String, Double> after = cpu(cluster);
    machine = CpuClock.ofMachine() - machine;
    report.add(name, "durable posts", window.postsPerSecond(), "1/s");
    report.add(name, "deliveries", window.deliveriesPerSecond(), "1/s");
    report.add(name, "send to delivery p50", window.deliveryMillis(50), "ms");
    report.add(name, "send to delivery p99", window.deliveryMillis(99), "ms");
    double each = 1000.0 / window.deliveries();
    double all = 0;
    for (Map.Entry<String, Double> process : after.entrySet()) {
      double used = (process.getValue() - before.getOrDefault(process.getKey(), 0.0)) * each;
      report.add(name, "CPU s per 1,000 deliveries, " + process.getKey(), used, "s");
      usedPerPost.put(
          process.getKey(), used / 1000 * window.deliveriesPerSecond() / window.postsPerSecond());
      all += process.getKey().equals("leader") ? 0 : used;
    }
    report.add(name, "CPU s per 1,000 deliveries, all", all, "s");
    report.add(
        name,
        "machine: all",
        100 * machine / (window.seconds() * Runtime.getRuntime().availableProcessors()),
        "%");
    return all;
  }
}
