package org.plenum.systemtest;

import org.junit.jupiter.api.Test;

/** Nodes die, are paused, or are cut off from the database. */
class ClusterNodeFaultIT extends ClusterFaults {
  @Test
  void whateverBecomesOfANodeNothingAcknowledgedIsLostAndCallersSeeAPause() throws Exception {
    inflictAndCheck(
        faults(
            Fault.KILL_LEADER,
            Fault.KILL_FOLLOWER,
            Fault.PAUSE_LEADER,
            Fault.KILL_APPLIER,
            Fault.PARTITION_DATABASE));
  }
}
