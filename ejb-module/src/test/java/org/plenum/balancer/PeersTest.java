package org.plenum.balancer;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.plenum.balancer.Peer.State;
import org.plenum.balancer.Peers.Answer;
import org.plenum.balancer.Peers.Member;
import org.plenum.cluster.api.ClusterNode;
import org.plenum.cluster.api.ClusterNode.Presence;
import org.plenum.cluster.api.ClusterView;
import org.plenum.cluster.api.DatabaseStatus;
import org.plenum.cluster.api.Figure;
import org.plenum.cluster.api.NodeStatus;

/** Who is known, and who gets requests. */
class PeersTest {
  private static final URI ONE = URI.create("http://10.0.0.11:28080");
  private static final URI TWO = URI.create("http://10.0.0.12:28080");
  private final Peers peers = new Peers((name, url) -> new Peer(name, url, 10));

  private void members(Set<String> drain, Member... members) {
    peers.members(List.of(members), drain);
  }

  private void both() {
    members(Set.of(), new Member("node1", ONE, 0), new Member("node2", TWO, 0));
    peers.all().forEach(peer -> peers.checked(peer, Answer.READY));
  }

  private Peer peer(String name) {
    return peers.all().stream().filter(each -> each.name().equals(name)).findFirst().orElseThrow();
  }

  private List<String> usable() {
    return peers.usable().stream().map(Peer::name).toList();
  }

  @Test
  void aNodeGetsRequestsOnceACheckSaysThatItIsReady() {
    members(Set.of(), new Member("node1", ONE, 0), new Member("node2", TWO, 0));
    assertThat(usable()).isEmpty();
    peers.checked(peer("node2"), Answer.READY);
    assertThat(usable()).containsExactly("node2");
  }

  @Test
  void aNodeThatSaysItIsNotReadyGetsNothing() {
    both();
    peers.checked(peer("node1"), Answer.NOT_READY);
    assertThat(usable()).containsExactly("node2");
    peers.checked(peer("node1"), Answer.READY);
    assertThat(usable()).containsExactly("node1", "node2");
  }

  @Test
  void oneLostCheckChangesNothingAndTwoInARowDo() {
    both();
    peers.checked(peer("node1"), Answer.NONE);
    peers.checked(peer("node1"), Answer.READY);
    peers.checked(peer("node1"), Answer.NONE);
    assertThat(usable()).containsExactly("node1", "node2");
    peers.checked(peer("node1"), Answer.NONE);
    assertThat(usable()).containsExactly("node2");
    assertThat(peer("node1").state()).isEqualTo(State.DEAD);
  }

  @Test
  void aNodeAtWhoseAddressNobodyListensIsOutAtOnceAndBackWithItsNextCheck() {
    both();
    peers.refused(peer("node1"));
    assertThat(usable()).containsExactly("node2");
    peers.checked(peer("node1"), Answer.READY);
    peers.checked(peer("node2"), Answer.REFUSED);
    assertThat(usable()).containsExactly("node1");
  }

  @Test
  void aNodeThatIsDrainedGetsNothingUntilItIsNotDrainedAnyMore() {
    both();
    Member[] all = {new Member("node1", ONE, 0), new Member("node2", TWO, 0)};
    members(Set.of("node1"), all);
    assertThat(usable()).containsExactly("node2");
    assertThat(peer("node1").state()).isEqualTo(State.DRAINED);
    peers.checked(peer("node1"), Answer.READY);
    assertThat(usable()).containsExactly("node2");
    members(Set.of(), all);
    assertThat(usable()).containsExactly("node1", "node2");
  }

  @Test
  void aNodeThatAnswersIsKeptWhenTheClusterLosesSightOfItAndForgottenWhenItDoesNot() {
    both();
    members(Set.of(), new Member("node1", ONE, 0));
    assertThat(usable()).containsExactly("node1", "node2");
    peers.checked(peer("node2"), Answer.REFUSED);
    members(Set.of(), new Member("node1", ONE, 0));
    assertThat(peers.all()).extracting(Peer::name).containsExactly("node1");
  }

  @Test
  void aNodeThatMovedIsAskedAtItsNewAddress() {
    both();
    URI moved = URI.create("http://10.0.0.13:28080");
    members(Set.of(), new Member("node1", moved, 0), new Member("node2", TWO, 0));
    assertThat(usable()).containsExactly("node2");
    assertThat(peer("node1").url()).isEqualTo(moved);
  }

  @Test
  void noMoreThanItsBoundAreKnown() {
    for (int i = 0; i < Peers.MAX_PEERS + 10; i++) {
      members(Set.of(), new Member("node" + i, ONE, 0));
    }
    assertThat(peers.all()).hasSize(Peers.MAX_PEERS);
  }

  private static NodeStatus status(String name, List<String> roles, String url) {
    return new NodeStatus(
        name, "1", 1, Instant.EPOCH, roles, true, List.of(), Map.of(Figure.CPU, 0.25), url);
  }

  private static ClusterNode node(Presence presence, NodeStatus status) {
    return new ClusterNode(status.name(), presence, Duration.ZERO, status);
  }

  @Test
  void membersAreTheBusinessNodesThatSayWhereTheyAre() {
    List<String> business = List.of("business", "writer");
    ClusterView view =
        new ClusterView(
            "node1",
            Instant.EPOCH,
            "",
            List.of(),
            List.of(
                node(Presence.HERE, status("node1", business, ONE.toString())),
                node(Presence.SILENT, status("node2", business, TWO.toString())),
                node(Presence.HERE, status("writer", List.of("writer"), ONE.toString())),
                node(Presence.HERE, status("old", business, "")),
                node(Presence.HERE, status("tls", business, "https://10.0.0.14:28181")),
                node(Presence.HERE, status("odd", business, "http://10.0.0.14/x y")),
                new ClusterNode("unreadable", Presence.UNREADABLE, Duration.ZERO, null)),
            DatabaseStatus.UNKNOWN,
            null,
            null);
    assertThat(ClusterMembers.of(view))
        .containsExactly(new Member("node1", ONE, 0.25), new Member("node2", TWO, 0));
  }
}
