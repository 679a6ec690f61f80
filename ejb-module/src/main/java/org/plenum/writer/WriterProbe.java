package org.plenum.writer;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.util.Map;
import org.plenum.platform.NodeConfig;
import org.plenum.platform.NodeRole;
import org.plenum.platform.config.KnownConfig;
import org.plenum.platform.health.HealthProbe;

/**
 * Whether this node leads the writing, or could. Not leading is no fault: another node may, and
 * while the database is away nobody does; a thread of the writer, or of the way to it, that has
 * ended is one.
 */
@ApplicationScoped
public class WriterProbe implements HealthProbe {
  @Inject private LocalWriter writer;
  @Inject private WriterRoute route;

  /**
   * Read once: Payara looks for a value on the data grid too, which may not answer for a minute.
   */
  private final NodeConfig node = NodeConfig.from(KnownConfig.get());

  private volatile boolean ledOnce;

  @Override
  public String name() {
    return "writer";
  }

  @Override
  public boolean up() {
    ledOnce |= writer.epoch() > 0;
    if (!route.alive()) {
      return false;
    }
    // Alone, the node takes requests only once it has the lease; among others, any of them may.
    return !node.is(NodeRole.WRITER) || (writer.alive() && (ledOnce || node.clustered()));
  }

  @Override
  public Map<String, String> facts() {
    return Map.of(
        "epoch",
        Long.toString(writer.epoch()),
        "queue",
        Integer.toString(writer.depth()),
        "elsewhere",
        route.leader(),
        "waiting",
        Integer.toString(route.depth()));
  }
}
