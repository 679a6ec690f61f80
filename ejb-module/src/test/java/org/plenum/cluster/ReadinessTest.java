package org.plenum.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

/** Why a node takes no requests. */
class ReadinessTest {
  @Test
  void whatIsDownIsTheReasonWithItsFacts() {
    Readiness readiness =
        Readiness.of(
            false,
            Map.of(
                "database", "DOWN",
                "database.state", "away: refused",
                "updates", "DOWN",
                "updates.behind", "60000",
                "writer", "UP",
                "writer.epoch", "0"));
    assertThat(readiness.reasons())
        .containsExactly("database: away: refused", "updates: behind 60000");
  }

  @Test
  void aNodeThatIsUpHasNoReasons() {
    assertThat(Readiness.of(true, Map.of("writer", "UP")))
        .isEqualTo(new Readiness(true, java.util.List.of()));
    assertThat(Readiness.of(false, Map.of()).reasons()).hasSize(1);
  }
}
