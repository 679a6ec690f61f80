package org.plenum.systemtest;

import org.junit.jupiter.api.Test;

/** What the nodes stand on dies: broker, HAProxy, the databases; the last one for good. */
class ClusterPartsFaultIT extends ClusterFaults {
  @Test
  void whateverDiesBelowTheNodesNothingAcknowledgedIsLost() throws Exception {
    inflictAndCheck(
        faults(
            Fault.KILL_BROKER,
            Fault.KILL_HAPROXY,
            Fault.KILL_PRIMARY,
            Fault.KILL_REPLICA,
            Fault.PROMOTE));
  }
}
