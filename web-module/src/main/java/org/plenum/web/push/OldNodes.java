package org.plenum.web.push;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * Nodes whose version knows no inner streams: each is warned of once, until it is known to. As many
 * as the cluster has nodes. Thread-safe.
 */
final class OldNodes {
  private static final Logger LOG = Logger.getLogger(OldNodes.class.getName());

  private final Set<String> warned = ConcurrentHashMap.newKeySet();

  void warn(String node) {
    if (warned.add(node)) {
      LOG.log(
          Level.WARNING,
          "reports of {0} are not relayed to processing servers on this node: its version knows no"
              + " streams between nodes; they wait there until it is upgraded",
          node);
    }
  }

  void forget(String node) {
    warned.remove(node);
  }
}
