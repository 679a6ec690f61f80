package org.plenum.report.xmpp;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class TrailTest {
  private static final Instant START = Instant.parse("2026-11-24T10:00:00Z");

  private final Trail trail = new Trail(Duration.ofSeconds(10), 5);

  @Test
  void theAnchorIsTheNewestMessageThatIsOlderThanTheOverlap() {
    trail.startBehind("old");
    add(0, 0);
    add(1, 8);
    assertThat(trail.anchor()).isEqualTo("old");
    add(2, 11);
    assertThat(trail.anchor()).isEqualTo("id0");
    add(3, 40);
    assertThat(trail.anchor()).isEqualTo("id2");
    assertThat(trail.knows(token(3))).isTrue();
    assertThat(trail.knows(token(2))).isFalse();
  }

  @Test
  void aHeldAnchorStaysUntilItIsLetGo() {
    trail.startBehind("old");
    add(0, 0);
    trail.hold(true);
    add(1, 60);
    assertThat(trail.anchor()).isEqualTo("old");
    trail.hold(false);
    add(2, 61);
    assertThat(trail.anchor()).isEqualTo("id0");
  }

  @Test
  void withinTheOverlapNoMoreThanTheBoundAreKept() {
    for (int i = 0; i < 20; i++) {
      add(i, 0);
    }
    assertThat(trail.size()).isEqualTo(5);
    assertThat(trail.anchor()).isEqualTo("id14");
  }

  @Test
  void messagesWithoutTimeAreKeptUpToTheBound() {
    for (int i = 0; i < 3; i++) {
      trail.add(token(i), null);
    }
    assertThat(trail.anchor()).isNull();
    assertThat(trail.size()).isEqualTo(3);
  }

  @Test
  void messagesOfOneIdAreToldApart() {
    trail.add(MessageToken.of("id", "ada@chat.test", "m1"), START);
    assertThat(trail.knowsId("id")).isTrue();
    assertThat(trail.knows(MessageToken.of("id", "bob@chat.test", "m1"))).isFalse();
    assertThat(MessageToken.of("id", "a", "b").key())
        .isNotEqualTo(MessageToken.of("id", "a", "c").key())
        .isEqualTo(MessageToken.of("id", "a", "b").key());
  }

  private void add(int number, int second) {
    trail.add(token(number), START.plusSeconds(second));
  }

  private static MessageToken token(int number) {
    return MessageToken.of("id" + number, "ada@chat.test", "m");
  }
}
