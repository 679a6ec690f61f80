package org.plenum.cluster.api;

/**
 * Something that an administrator should know.
 *
 * @param subject name of the node, replica or part that has it; empty for the cluster
 * @param text one sentence in plain words
 */
public record ClusterProblem(Kind kind, String subject, String text) {
  /** What can be wrong. */
  public enum Kind {
    /** The database does not answer the node that was asked. */
    DATABASE_AWAY(
        true, "Look at the database and the network; reads go on from memory, writes wait."),
    /** The database is a replica. */
    DATABASE_STANDBY(
        true, "Promote it, or give the address of the primary to the connection pool."),
    /** Nobody leads the writing. */
    NO_LEADER(
        true,
        "Wait 5 s; then look at the database and at the logs of the nodes with the role writer."),
    /** A node is not heard of. */
    NODE_SILENT(
        true,
        "Look whether its process runs and its host answers; the load balancer has taken it out."),
    /** A node takes no requests. */
    NODE_NOT_READY(true, "Read the reasons at the node and its /health/ready."),
    /** Updates do not travel by the broker. */
    BROKER_AWAY(
        true, "Start the broker; until then updates reach the other nodes up to 1 s later."),
    /** A replica that has a place is not connected. */
    REPLICA_AWAY(
        true,
        "Start the replica. The log is kept for it up to max_slot_wal_keep_size (4 GB as"
            + " delivered); a replica that was away for longer is made anew."),
    /** Reports cannot be made durable. */
    REPORTS_REFUSED(true, "Look at the disk of the node's journal."),
    /** A node is behind. */
    NODE_BEHIND(false, "Look at its CPU, its heap and its way to the database."),
    /** A replica is behind. */
    REPLICA_BEHIND(
        false, "Look at its disk and its network; a promotion would lose what it lacks."),
    /** The database of several nodes has no replica. */
    NO_REPLICA(
        false,
        "Make one (./plenum cluster up does): a lost disk would lose everything since the last"
            + " backup. Replicated by something unseen: plenum.cluster.replica-expected=false."),
    /** Nobody writes the cache of the room. */
    NO_APPLIER(false, "Wait 5 s; reads go on from each node's memory and the database."),
    /** Two nodes say that they lead. */
    SEVERAL_LEADERS(false, "Nothing: the lower epoch commits nothing and gives up within 3 s."),
    /** A node speaks a form that this version cannot read. */
    NODE_UNREADABLE(false, "Finish the upgrade; the page of the newer version shows all nodes."),
    /** Nodes of two versions. */
    MIXED_VERSIONS(false, "Finish the upgrade."),
    /** The grid on which the nodes find each other fails. */
    GRID_AWAY(
        false, "Look at the data grid's addresses and ports; this page shows one node alone."),
    /** Much time goes into garbage collection. */
    HEAP_TIGHT(false, "Give the node more heap, or take sockets off it."),
    /** The database answers slowly. */
    DATABASE_SLOW(false, "Look at the disk and the load of the database."),
    /** Dead letters wait for an administrator. */
    DEAD_LETTERS(false, "Read them under Administration, then replay or discard each.");

    private final boolean bad;
    private final String advice;

    Kind(boolean bad, String advice) {
      this.bad = bad;
      this.advice = advice;
    }

    /** Whether people notice, or would at the next fault; otherwise it is only worth a look. */
    public boolean bad() {
      return bad;
    }

    /** What to do. */
    public String advice() {
      return advice;
    }
  }
}
