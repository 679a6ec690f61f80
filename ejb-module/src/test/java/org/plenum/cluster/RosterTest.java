package org.plenum.cluster;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.plenum.cluster.api.ClusterNode;
import org.plenum.cluster.api.ClusterNode.Presence;
import org.plenum.cluster.api.NodeStatus;

/** Who is there, as one node hears it. */
class RosterTest {
  private final Map<String, byte[]> board = new HashMap<>();
  private final NodeStatus own = Statuses.node("node1", 1, true);
  private long now = 1_000_000_000;
  private final Roster roster =
      new Roster("node1", Statuses.CONFIG.silentAfter(), Statuses.CONFIG.forgetAfter(), () -> now);

  private void wait(Duration time) {
    now += time.toNanos();
  }

  private void says(NodeStatus status) {
    board.put(status.name(), NodeStatusCodec.encode(status));
    roster.take(board);
  }

  private ClusterNode node(String name) {
    return roster.nodes(own).stream()
        .filter(it -> it.name().equals(name))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void aLoneNodeSeesItself() {
    assertThat(roster.take(Map.of())).isEmpty();
    assertThat(roster.nodes(own)).singleElement().satisfies(it -> assertThat(it.here()).isTrue());
  }

  @Test
  void thisNodeComesFirstAndIsNeverTakenFromTheBoard() {
    says(Statuses.node("node0", 1, false));
    says(Statuses.node("node1", 99, false));
    assertThat(roster.nodes(own)).extracting(ClusterNode::name).containsExactly("node1", "node0");
    assertThat(node("node1").status()).isEqualTo(own);
  }

  @Test
  void aNodeThatSaysNothingNewIsSilentAndSpeaksAgain() {
    says(Statuses.node("node2", 1, false));
    wait(Duration.ofSeconds(9));
    roster.take(board);
    assertThat(node("node2").presence()).isEqualTo(Presence.HERE);
    wait(Duration.ofSeconds(2));
    roster.take(board);
    assertThat(node("node2").presence()).isEqualTo(Presence.SILENT);
    assertThat(node("node2").age()).isEqualTo(Duration.ofSeconds(11));
    assertThat(node("node2").status()).isNotNull();
    says(Statuses.node("node2", 2, false));
    assertThat(node("node2").presence()).isEqualTo(Presence.HERE);
  }

  @Test
  void aNodeThatVanishesFromTheBoardIsSilentFirst() {
    says(Statuses.node("node2", 1, false));
    board.clear();
    wait(Duration.ofSeconds(11));
    roster.take(board);
    assertThat(node("node2").presence()).isEqualTo(Presence.SILENT);
  }

  @Test
  void aForgottenNodeIsTakenOffTheBoardAndDoesNotComeBack() {
    says(Statuses.node("node2", 1, false));
    wait(Duration.ofMinutes(11));
    Map<String, byte[]> old = roster.take(board);
    assertThat(old).containsOnlyKeys("node2");
    assertThat(old.get("node2")).isSameAs(board.get("node2"));
    assertThat(roster.nodes(own)).hasSize(1);
    // The removal failed: it stays forgotten, and is asked for again.
    assertThat(roster.take(board)).containsOnlyKeys("node2");
    assertThat(roster.nodes(own)).hasSize(1);
    board.clear();
    assertThat(roster.take(board)).isEmpty();
    // It starts again.
    says(Statuses.node("node2", 2, false));
    assertThat(node("node2").presence()).isEqualTo(Presence.HERE);
  }

  @Test
  void bytesThatCannotBeReadAreANodeWithoutAStatus() {
    board.put("node2", "nothing of ours".getBytes(UTF_8));
    roster.take(board);
    assertThat(node("node2").presence()).isEqualTo(Presence.UNREADABLE);
    assertThat(node("node2").status()).isNull();
    wait(Duration.ofSeconds(11));
    roster.take(board);
    assertThat(node("node2").presence()).isEqualTo(Presence.SILENT);
  }

  @Test
  void aStatusUnderAnotherNameIsNotBelieved() {
    board.put("node2", NodeStatusCodec.encode(Statuses.node("node3", 1, true)));
    roster.take(board);
    assertThat(node("node2").presence()).isEqualTo(Presence.UNREADABLE);
  }

  @Test
  void theLastReadableStatusIsKept() {
    says(Statuses.node("node2", 1, false));
    board.put("node2", new byte[] {1, 2, 3});
    roster.take(board);
    assertThat(node("node2").presence()).isEqualTo(Presence.UNREADABLE);
    assertThat(node("node2").status()).isEqualTo(Statuses.node("node2", 1, false));
  }

  @Test
  void noMoreNodesAreKnownThanTheBound() {
    for (int i = 0; i < 500; i++) {
      String name = "other" + i;
      board.put(name, NodeStatusCodec.encode(Statuses.node(name, 1, false)));
    }
    board.put("x".repeat(1_000), new byte[] {1});
    roster.take(board);
    assertThat(roster.nodes(own)).hasSize(Roster.MAX_NODES + 1);
  }
}
