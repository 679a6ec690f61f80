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
 * evenly; the broker pays for each node that it tells; database and HAProxy are what they are.
 * Costs are CPU seconds for one post.
 *
 * @param write what the leader pays beside
 * @param hear what each node pays
 * @param deliver what a node pays for each delivery
 * @param brokerFixed what the broker pays
 * @param brokerNode what the broker pays for each node
 * @param single what each other process pays; of those that grow with deliveries, for one post with
 *     as many as were measured
 * @param deliveries of a post, in what was measured
 */
record ClusterModel(
    double write,
    double hear,
    double deliver,
    double brokerFixed,
    double brokerNode,
    Map<String, Double> single,
    double deliveries) {
  /** How much of a host may be used. */
  static final double BUSY = 0.7;

  /**
   * CPU seconds for one post, measured.
   *
   * @param nodes how many there were
   * @param leader of the node that leads
   * @param follower of each other node; NaN when there is none
   * @param single of each other process
   */
  record Measured(int nodes, double leader, double follower, Map<String, Double> single) {}

  /** The most posts a second, and what does not let it be more. */
  record Limit(double postsPerSecond, String by) {}

  /**
   * Least squares over all nodes of all measurements: three at least, with one, two and three
   * nodes.
   *
   * @param deliveries of each post
   */
  static ClusterModel fit(List<Measured> all, double deliveries) {
    List<double[]> rows = new ArrayList<>();
    List<Double> costs = new ArrayList<>();
    List<double[]> brokerRows = new ArrayList<>();
    List<Double> brokerCosts = new ArrayList<>();
    Map<String, Double> single = new LinkedHashMap<>();
    for (Measured each : all) {
      rows.add(new double[] {1, 1, deliveries / each.nodes()});
      costs.add(each.leader());
      if (each.nodes() > 1) {
        rows.add(new double[] {0, 1, deliveries / each.nodes()});
        costs.add(each.follower());
      }
      brokerRows.add(new double[] {1, each.nodes()});
      brokerCosts.add(each.single().getOrDefault("broker", 0.0));
      each.single()
          .forEach(
              (process, cost) -> {
                if (!process.equals("broker")) {
                  single.merge(process, cost / all.size(), Double::sum);
                }
              });
    }
    double[] node = leastSquares(rows, costs);
    double[] broker = leastSquares(brokerRows, brokerCosts);
    return new ClusterModel(
        node[0], node[1], node[2], broker[0], broker[1], Map.copyOf(single), deliveries);
  }

  /**
   * Where a cluster ends.
   *
   * @param nodes on hosts of their own, as is every other process
   * @param cores of each host
   * @param each deliveries of a post
   */
  Limit limit(int nodes, double cores, double each) {
    Map<String, Double> costs = new LinkedHashMap<>();
    double node = hear + deliver * each / nodes;
    costs.put("the leader's host", node + write);
    costs.put("the broker", brokerFixed + brokerNode * nodes);
    single.forEach(
        (process, cost) ->
            costs.put(process, process.equals("HAProxy") ? cost * each / deliveries : cost));
    String by = "";
    double most = Double.POSITIVE_INFINITY;
    for (Map.Entry<String, Double> cost : costs.entrySet()) {
      double posts = BUSY * cores / Math.max(cost.getValue(), 1e-9);
      if (posts < most) {
        most = posts;
        by = cost.getKey();
      }
    }
    return new Limit(most, by);
  }

  private static double[] leastSquares(List<double[]> rows, List<Double> values) {
    OLSMultipleLinearRegression regression = new OLSMultipleLinearRegression();
    regression.setNoIntercept(true);
    regression.newSampleData(
        values.stream().mapToDouble(Double::doubleValue).toArray(), rows.toArray(double[][]::new));
    return regression.estimateRegressionParameters();
  }
}
