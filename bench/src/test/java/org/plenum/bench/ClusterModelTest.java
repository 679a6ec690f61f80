package org.plenum.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

class ClusterModelTest {
  private static final Offset<Double> CLOSE = within(1e-9);

  /** Made by the rule itself: 0.1 ms to write, 0.02 to hear, 0.005 for each delivery. */
  private static ClusterModel.Measured groups(int nodes) {
    double node = 0.02e-3 + 0.005e-3 * 20 / nodes;
    return new ClusterModel.Measured(
        nodes,
        20,
        false,
        0.1e-3 + node,
        nodes == 1 ? Double.NaN : node,
        Map.of("broker", 0.01e-3 + 0.002e-3 * nodes, "primary", 0.05e-3, "HAProxy", 0.04e-3));
  }

  /** Here 2 ms to write and 0.7 to hear: a post has a commit and a message to itself. */
  private static ClusterModel.Measured crowd(int nodes) {
    double node = 0.7e-3 + 0.005e-3 * 1_000 / nodes;
    return new ClusterModel.Measured(
        nodes,
        1_000,
        true,
        2e-3 + node,
        nodes == 1 ? Double.NaN : node,
        Map.of("broker", 0.3e-3, "primary", 0.9e-3, "HAProxy", 1.02e-3));
  }

  private static final ClusterModel MODEL =
      ClusterModel.fit(
          IntStream.rangeClosed(1, 3)
              .boxed()
              .flatMap(nodes -> Stream.of(groups(nodes), crowd(nodes)))
              .toList(),
          0.1);

  @Test
  void findsTheCostsThatTheMeasurementsAreMadeOf() {
    assertThat(MODEL.write()).isCloseTo(0.1e-3, CLOSE);
    assertThat(MODEL.hear()).isCloseTo(0.02e-3, CLOSE);
    assertThat(MODEL.deliver()).isCloseTo(0.005e-3, CLOSE);
    assertThat(MODEL.brokerFixed()).isCloseTo(0.01e-3, CLOSE);
    assertThat(MODEL.brokerNode()).isCloseTo(0.002e-3, CLOSE);
    assertThat(MODEL.proxyPost()).isCloseTo(0.02e-3, CLOSE);
    assertThat(MODEL.proxyDelivery()).isCloseTo(0.001e-3, CLOSE);
    assertThat(MODEL.single().keySet()).containsExactly("primary");
    assertThat(MODEL.single().values()).allSatisfy(cost -> assertThat(cost).isCloseTo(5e-5, CLOSE));
  }

  @Test
  void aClusterEndsWhereItsBusiestHostDoes() {
    ClusterModel.Limit one = MODEL.limit(1, 8, 20);
    assertThat(one.by()).isEqualTo("the leader's host");
    assertThat(one.postsPerSecond()).isCloseTo((0.7 * 8 - 0.1) / 0.22e-3, within(1.0));
    ClusterModel.Limit hundred = MODEL.limit(100, 8, 20);
    assertThat(hundred.by()).isEqualTo("the broker");
    assertThat(hundred.postsPerSecond()).isCloseTo(0.7 * 8 / 0.21e-3, within(1.0));
    // HAProxy pays for deliveries, the database for posts.
    assertThat(MODEL.limit(10, 8, 1_000).by()).isEqualTo("HAProxy");
    assertThat(List.of(MODEL.limit(3, 8, 20).by())).containsExactly("the leader's host");
  }
}
