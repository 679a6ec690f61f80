package org.plenum.cluster.api;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The database as the node that answers sees it.
 *
 * @param product name and version, empty before it answered once
 * @param millis of an answer, null when there was none
 * @param fault why there was none, else null
 * @param replication what replicates it
 */
public record DatabaseStatus(
    String product, @Nullable Double millis, @Nullable String fault, Replication replication) {
  /** A database of which nothing is known yet. */
  public static final DatabaseStatus UNKNOWN =
      new DatabaseStatus("", null, "not asked yet", Replication.NONE);

  /** Whether it answered. */
  public boolean reachable() {
    return millis != null;
  }

  /**
   * Replication of the database.
   *
   * @param visible whether this node may see the details; false without the role pg_read_all_stats
   * @param standby whether this database itself is a replica, which takes no writes
   */
  public record Replication(
      boolean visible, boolean standby, List<Replica> replicas, List<Slot> slots) {
    /** A database that does not replicate. */
    public static final Replication NONE = new Replication(true, false, List.of(), List.of());

    /** Copies its lists. */
    public Replication {
      replicas = List.copyOf(replicas);
      slots = List.copyOf(slots);
    }
  }

  /**
   * A replica that is connected.
   *
   * @param state streaming, catchup, backup ...; null when it may not be seen
   * @param sync async, sync, quorum or potential; {@code on request} when only commits that ask for
   *     it wait for the replica; null when it may not be seen
   * @param lagBytes of the log that it has not replayed
   * @param lagMillis that it took to replay what it got last, null when it is idle
   */
  public record Replica(
      String name,
      @Nullable String state,
      @Nullable String sync,
      @Nullable Long lagBytes,
      @Nullable Double lagMillis) {}

  /**
   * A place kept for a replica.
   *
   * @param connected whether the replica is there
   * @param keptBytes of the log that are kept for it
   */
  public record Slot(String name, boolean connected, @Nullable Long keptBytes) {}
}
