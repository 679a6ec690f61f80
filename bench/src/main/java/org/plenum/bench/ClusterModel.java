package org.plenum.bench;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.hipparchus.stat.regression.OLSMultipleLinearRegression;

/**
 * What a post costs each process of a cluster, fitted to measurements with a few nodes, and where a
 * larger cluster on hosts of its own would end. A node pays for each post that it hears of and for
 * each delivery to a socket of its own; the leader pays for the writing beside; sockets are spread
 * evenly; the broker pays for each node that it tells; HAProxy pays for posts and deliveries; the
 * databases for posts. Costs are CPU seconds, without what a process uses that nobody talks to.
 *
 * <p>Two kinds of measurements are needed: of many small groups, whose posts share commits and
 * messages, and of one large group at a low rate, where a post has a commit to itself. Only from
 * the second kind is known what a delivery costs; what a post costs there is found and left out.
 *
 * @param write what the leader pays for a post beside
 * @param hear what each node pays for a post
 * @param deliver what a node pays for a delivery
 * @param brokerFixed what the broker pays for a post
 * @param brokerNode what the broker pays for a post and a node
 * @param proxyPost what HAProxy pays for a post
 * @param proxyDelivery what HAProxy pays for a delivery
 * @param single what each other process pays for a post
 * @param idle cores that a node uses that nobody talks to
 */
record ClusterModel(
    double write,
    double hear,
    double deliver,
    double brokerFixed,
    double brokerNode,
    double proxyPost,
    double proxyDelivery,
    Map<String, Double> single,
    double idle) {
  /** How much of a host may be used. */
  static final double BUSY = 0.7;

  private static final String PROXY = "HAProxy";
  private static final String BROKER = "broker";

  /**
   * CPU seconds for one post, measured, without what an idle cluster uses.
   *
   * @param nodes how many there were
   * @param deliveries of each post
   * @param alone whether each post had a commit to itself
   * @param leader of the node that leads
   * @param follower of each other node; NaN when there is none
   * @param single of each other process
   */
  record Measured(
      int nodes,
      double deliveries,
      boolean alone,
      double leader,
      double follower,
      Map<String, Double> single) {}

  /** The most posts a second, and what does not let it be more. */
  record Limit(double postsPerSecond, String by) {}

  /**
   * Least squares over all nodes of all measurements: of both kinds, with one, two and three nodes.
   *
   * @param idle cores that a node uses that nobody talks to
   */
  static ClusterModel fit(List<Measured> all, double idle) {
    List<double[]> nodeRows = new ArrayList<>();
    List<Double> nodeCosts = new ArrayList<>();
    List<double[]> brokerRows = new ArrayList<>();
    List<Double> brokerCosts = new ArrayList<>();
    List<double[]> proxyRows = new ArrayList<>();
    List<Double> proxyCosts = new ArrayList<>();
    Map<String, Double> single = new LinkedHashMap<>();
    long shared = all.stream().filter(each -> !each.alone()).count();
    for (Measured each : all) {
      double own = each.deliveries() / each.nodes();
      nodeRows.add(each.alone() ? row(0, 0, own, 1, 1) : row(1, 1, own, 0, 0));
      nodeCosts.add(each.leader());
      if (each.nodes() > 1) {
        nodeRows.add(each.alone() ? row(0, 0, own, 0, 1) : row(0, 1, own, 0, 0));
        nodeCosts.add(each.follower());
      }
      proxyRows.add(row(1, each.deliveries()));
      proxyCosts.add(each.single().getOrDefault(PROXY, 0.0));
      if (!each.alone()) {
        brokerRows.add(row(1, each.nodes()));
        brokerCosts.add(each.single().getOrDefault(BROKER, 0.0));
        each.single()
            .forEach(
                (process, cost) -> {
                  if (!process.equals(BROKER) && !process.equals(PROXY)) {
                    single.merge(process, cost / shared, Double::sum);
                  }
                });
      }
    }
    double[] node = leastSquares(nodeRows, nodeCosts);
    double[] broker = leastSquares(brokerRows, brokerCosts);
    double[] proxy = leastSquares(proxyRows, proxyCosts);
    return new ClusterModel(
        node[0],
        node[1],
        node[2],
        broker[0],
        broker[1],
        proxy[0],
        proxy[1],
        Map.copyOf(single),
        idle);
  }

  /**
   * Where a cluster ends.
   *
   * @param nodes on hosts of their own, as is every other process
   * @param cores of each host
   * @param each deliveries of a post
   */
  Limit limit(int nodes, double cores, double each) {
    Map<String, Double> limits = new LinkedHashMap<>();
    double host = BUSY * cores;
    limits.put("the leader's host", posts(host - idle, write + hear + deliver * each / nodes));
    limits.put("the broker", posts(host, brokerFixed + brokerNode * nodes));
    limits.put(PROXY, posts(host, proxyPost + proxyDelivery * each));
    single.forEach((process, cost) -> limits.put(process, posts(host, cost)));
    String by = "";
    double most = Double.POSITIVE_INFINITY;
    for (Map.Entry<String, Double> limit : limits.entrySet()) {
      if (limit.getValue() < most) {
        most = limit.getValue();
        by = limit.getKey();
      }
    }
    return new Limit(most, by);
  }

  private static double posts(double cores, double cost) {
    return cores / Math.max(cost, 1e-9);
  }

  private static double[] row(double... values) {
    return values;
  }

  private static double[] leastSquares(List<double[]> rows, List<Double> values) {
    OLSMultipleLinearRegression regression = new OLSMultipleLinearRegression();
    regression.setNoIntercept(true);
    regression.newSampleData(
        values.stream().mapToDouble(Double::doubleValue).toArray(), rows.toArray(double[][]::new));
    return regression.estimateRegressionParameters();
  }
}
