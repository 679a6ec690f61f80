package org.plenum.cluster;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.util.Map;
import org.plenum.platform.health.HealthProbe;

/**
 * How far the replicas of the database are (GRP-9). Always up: a replica that is away takes no node
 * out of the load balancer, since all of them share it and requests are served all the same. From
 * memory, so that it takes no time.
 */
@ApplicationScoped
public class ReplicationProbe implements HealthProbe {
  @Inject private ClusterNodeBean node;

  @Override
  public String name() {
    return "replication";
  }

  @Override
  public boolean up() {
    return true;
  }

  @Override
  public Map<String, String> facts() {
    return ReplicaFigures.facts(node.replication());
  }
}
