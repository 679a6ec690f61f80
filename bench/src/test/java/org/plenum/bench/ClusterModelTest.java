package org.plenum.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

class ClusterModelTest {
  private static final Offset<Double> CLOSE = within(1e-9);

  /** Made by the rule itself: 0.1 ms to write, 0.02 to hear, 0.005 for each of 20 deliveries. */
  private static ClusterModel.Measured measured(int nodes) {
    double node = 0.02e-3 + 0.005e-3 * 20 / nodes;
    return new ClusterModel.Measured(
        nodes,
        0.1e-3 + node,
        nodes == 1 ? Double.NaN : node,
        Map.of("broker", 0.01e-3 + 0.002e-3 * nodes, "primary", 0.05e-3, "HAProxy", 0.04e-3));
  }

  private static final ClusterModel MODEL =
      ClusterModel.fit(IntStream.rangeClosed(1, 3).mapToObj(n -> measured(n)).toList(), 20);

  @Test
  void findsTheCostsThatTheMeasurementsAreMadeOf() {
    assertThat(MODEL.write()).isCloseTo(0.1e-3, CLOSE);
    assertThat(MODEL.hear()).isCloseTo(0.02e-3, CLOSE);
    assertThat(MODEL.deliver()).isCloseTo(0.005e-3, CLOSE);
    assertThat(MODEL.brokerFixed()).isCloseTo(0.01e-3, CLOSE);
    assertThat(MODEL.brokerNode()).isCloseTo(0.002e-3, CLOSE);
    assertThat(MODEL.single().keySet()).isEqualTo(Map.of("primary", 1, "HAProxy", 1).keySet());
  }

  @Test
  void aClusterEndsWhereItsBusiestHostDoes() {
    ClusterModel.Limit one = MODEL.limit(1, 8, 20);
    assertThat(one.by()).isEqualTo("the leader's host");
    assertThat(one.postsPerSecond()).isCloseTo(0.7 * 8 / 0.22e-3, within(1.0));
    ClusterModel.Limit hundred = MODEL.limit(100, 8, 20);
    assertThat(hundred.by()).isEqualTo("the broker");
    assertThat(hundred.postsPerSecond()).isCloseTo(0.7 * 8 / 0.21e-3, within(1.0));
    // HAProxy pays for deliveries, the database for posts.
    assertThat(MODEL.limit(10, 8, 1_000).by()).isEqualTo("HAProxy");
    assertThat(List.of(MODEL.limit(3, 8, 20).by())).containsExactly("the leader's host");
  }
}
