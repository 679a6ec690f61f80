package org.plenum.balancer;

import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.regex.Pattern;
import org.plenum.balancer.Peers.Member;
import org.plenum.cluster.api.ClusterNode;
import org.plenum.cluster.api.ClusterView;
import org.plenum.cluster.api.Figure;
import org.plenum.cluster.api.NodeStatus;

/** Reads from the cluster's own list of nodes who may get requests of clients. */
final class ClusterMembers {
  private static final Logger LOG = Logger.getLogger(ClusterMembers.class.getName());
  private static final Pattern URL = Pattern.compile("http://[^/?#@\\s]+");

  private ClusterMembers() {}

  /**
   * The business nodes that say where they are reached; one that is silent too, since its silence
   * may be the grid's. What one that is not heard uses of its processors is not known.
   */
  static List<Member> of(ClusterView view) {
    List<Member> members = new ArrayList<>();
    for (ClusterNode node : view.nodes()) {
      NodeStatus status = node.status();
      if (status != null
          && status.roles().contains("business")
          && URL.matcher(status.url()).matches()) {
        try {
          members.add(
              new Member(
                  node.name(),
                  URI.create(status.url()),
                  node.here() ? status.figures().getOrDefault(Figure.CPU, 0.0) : 0));
        } catch (IllegalArgumentException e) {
          LOG.log(Level.FINE, "no address: " + status.url(), e);
        }
      }
    }
    return members;
  }
}
