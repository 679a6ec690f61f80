package org.plenum.cluster.api;

import static org.plenum.cluster.api.Figure.Kind.COMPUTED;
import static org.plenum.cluster.api.Figure.Kind.RATE;
import static org.plenum.cluster.api.Figure.Kind.VALUE;

import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * The numbers that a node says about itself. One that its meter does not have is not said; one that
 * a reader does not know is passed over, so that nodes of two versions understand each other.
 */
public enum Figure {
  /** Open sockets. */
  SOCKETS("sockets", VALUE, "push_sockets"),
  /** Entries queued for sockets, a second. */
  DELIVERIES("deliveries", RATE, "push_deliveries_total"),
  /** Updates that wait for fan-out. */
  PUSH_BACKLOG("pushBacklog", VALUE, "push_backlog"),
  /** Updates that this node's writer committed, a second. */
  WRITES("writes", RATE, "writer_batch_size_sum"),
  /** Transactions of this node's writer, a second. */
  COMMITS("commits", RATE, "writer_commits"),
  /** Commands that another node's writer answered for this one, a second. */
  FORWARDED("forwarded", RATE, "writer_remote_commands"),
  /** Epoch under which this node leads, 0 when it does not. */
  WRITER_EPOCH("writerEpoch", VALUE, "writer_epoch"),
  /** Commands that wait for this node's writer. */
  QUEUE("queue", VALUE, "writer_queue_depth"),
  /** Commands that wait for a way to another node's writer. */
  WAITING("waiting", VALUE, "writer_remote_waiting"),
  /** What reads on this node contain. */
  APPLIED("applied", VALUE, "update_applied_revision"),
  /** Updates that this node is behind the update log. */
  BEHIND("behind", COMPUTED, ""),
  /** Milliseconds for which an update has waited to be applied. */
  LAG_MILLIS("lagMillis", VALUE, "update_lag_millis"),
  /** Reads of the log that found something, a second. */
  CATCH_UPS("catchUps", RATE, "update_catch_ups"),
  /** 1 while the update topic takes nothing; not said when the topic is switched off. */
  TOPIC_AWAY("topicAway", VALUE, "update_topic_away"),
  /** Updates that wait for the update topic. */
  TOPIC_WAITING("topicWaiting", VALUE, "update_topic_waiting"),
  /** Batches sent to the update topic, a second. */
  TOPIC_SENT("topicSent", RATE, "update_topic_messages_sent"),
  /** Batches of other nodes taken from the update topic, a second. */
  TOPIC_RECEIVED("topicReceived", RATE, "update_topic_messages_received"),
  /** Epoch under which this node writes the cache of the room, 0 when it does not. */
  APPLIER_EPOCH("applierEpoch", VALUE, "reader_applier_epoch"),
  /** Last revision that this node wrote to the cache of the room. */
  ROOM_REVISION("roomRevision", VALUE, "reader_room_revision"),
  /** Updates that the cache of the room is behind this node, its applier. */
  ROOM_LAG("roomLag", VALUE, "reader_room_lag"),
  /** Age of the newest snapshot in seconds, -1 for none. */
  SNAPSHOT_AGE("snapshotAge", VALUE, "reader_snapshot_age_seconds"),
  /** Heap of the near cache. */
  NEAR_BYTES("nearBytes", VALUE, "reader_near_bytes"),
  /** Reports that wait to be durable; not said by a node that takes none. */
  REPORTS_WAITING("reportsWaiting", VALUE, "report_first_buffer_count"),
  /** Durable reports that the slowest consumer group is not done with. */
  REPORTS_LAG("reportsLag", VALUE, "report_lag"),
  /** Reports made durable, a second. */
  REPORTS("reports", RATE, "report_appended"),
  /** Dead letters of reports. */
  REPORT_LETTERS("reportLetters", VALUE, "report_dead_letters"),
  /** 1 while reports cannot be made durable. */
  REPORTS_FAILING("reportsFailing", VALUE, "report_journal_failing"),
  /** Milliseconds that the database took for an answer, -1 when it gave none. */
  DATABASE_MILLIS("databaseMillis", COMPUTED, ""),
  /** Share of the host's processors that the process uses, 0 to 1. */
  CPU("cpu", COMPUTED, ""),
  /** Share of time in garbage collection, 0 to 1. */
  GC("gc", COMPUTED, ""),
  /** Heap in use, in bytes. */
  HEAP_USED("heapUsed", COMPUTED, ""),
  /** Heap at most, in bytes. */
  HEAP_MAX("heapMax", COMPUTED, ""),
  /** Threads. */
  THREADS("threads", COMPUTED, ""),
  /** Age of the newest backup in the node's folder in seconds, -1 for none. */
  BACKUP_AGE("backupAge", VALUE, "backup_age_seconds"),
  /** 1 when the last backup that the node was asked for failed. */
  BACKUP_FAILED("backupFailed", VALUE, "backup_failed");

  /** Where a figure comes from. */
  public enum Kind {
    /** The meter's value. */
    VALUE,
    /** How fast the meter grows, a second. */
    RATE,
    /** Not from a meter. */
    COMPUTED
  }

  private static final Map<String, Figure> BY_KEY =
      Arrays.stream(values()).collect(Collectors.toMap(Figure::key, Function.identity()));

  private final String key;
  private final Kind kind;
  private final String meter;

  Figure(String key, Kind kind, String meter) {
    this.key = key;
    this.kind = kind;
    this.meter = meter;
  }

  /** Its name in a status; never changed. */
  public String key() {
    return key;
  }

  /** Where it comes from. */
  public Kind kind() {
    return kind;
  }

  /** Name of the meter, empty when computed. */
  public String meter() {
    return meter;
  }

  /** The figure of that key. */
  public static Optional<Figure> of(String key) {
    return Optional.ofNullable(BY_KEY.get(key));
  }
}
