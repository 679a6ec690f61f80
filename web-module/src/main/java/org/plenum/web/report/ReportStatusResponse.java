package org.plenum.web.report;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.plenum.report.api.ReportAdminService.Status;
import org.plenum.report.api.StreamStatus;
import org.plenum.report.api.XmppStatus;
import org.plenum.report.queue.GroupView;
import org.plenum.report.queue.QueueOptions;
import org.plenum.report.queue.QueueView;
import org.plenum.report.queue.ReportStore;
import org.plenum.report.queue.SecondBufferView;
import org.plenum.web.api.Times;

/**
 * The queue of one node at one moment; rates follow from two of them.
 *
 * @param first the first buffer; null when this node takes no reports
 * @param at when this was seen
 */
public record ReportStatusResponse(
    String node,
    boolean enabled,
    String at,
    long appended,
    int deadLetters,
    @Nullable Buffer first,
    @Nullable Journal journal,
    List<Group> groups,
    List<Xmpp> xmpp,
    List<ReportStream> streams) {
  /** What waits in a buffer, and how much may. */
  public record Buffer(long count, long bytes, long maxCount, long maxBytes) {}

  /**
   * The journal.
   *
   * @param failing why reports cannot be made durable now; null when they can
   */
  public record Journal(
      long first,
      long last,
      long bytes,
      long maxBytes,
      int files,
      long epoch,
      @Nullable String failing,
      @Nullable String lastFailure,
      @Nullable String lastFailureAt,
      double flushP50Millis,
      double flushP99Millis,
      double flushMaxMillis) {}

  /** A consumer group with its second buffer. */
  public record Group(
      String name,
      long acked,
      long delivered,
      long lag,
      boolean attached,
      int attempts,
      boolean isolated,
      long expired,
      String primaryName,
      Buffer primary,
      Buffer standby,
      @Nullable String abnormalSince,
      long swaps,
      long dropped,
      long readFromStorage) {}

  /** A connection to an XMPP server. */
  public record Xmpp(
      String name,
      String server,
      String owner,
      String state,
      String since,
      @Nullable String position,
      long received,
      long reconnects,
      @Nullable String lastError) {}

  /**
   * A stream of a processing server.
   *
   * @param relayed whether it carries the queues of all nodes
   * @param inner whether it goes to another node, which relays it
   */
  public record ReportStream(
      String group, boolean relayed, boolean inner, List<ReportStreamQueue> queues) {}

  /**
   * The queue of a node in a stream.
   *
   * @param state OPEN, AWAY (no connection to that node) or UNSUPPORTED (its version is too old)
   * @param detail why nothing comes from it, else empty
   */
  public record ReportStreamQueue(String node, String state, String detail) {}

  private static final double NANOS = 1e6;

  static ReportStatusResponse of(
      String node,
      @Nullable Status status,
      List<XmppStatus.Connection> connections,
      List<StreamStatus.Stream> running,
      Instant at) {
    List<Xmpp> xmpp = connections.stream().map(ReportStatusResponse::xmpp).toList();
    List<ReportStream> streams = running.stream().map(ReportStatusResponse::stream).toList();
    if (status == null) {
      return new ReportStatusResponse(
          node, false, Times.text(at), 0, 0, null, null, List.of(), xmpp, streams);
    }
    QueueView queue = status.queue();
    QueueOptions bounds = status.bounds();
    return new ReportStatusResponse(
        node,
        true,
        Times.text(at),
        queue.appended(),
        queue.deadLetters(),
        new Buffer(
            queue.firstCount(), queue.firstBytes(), bounds.firstCount(), bounds.firstBytes()),
        journal(queue, bounds),
        queue.groups().stream().map(group -> group(group, bounds)).toList(),
        xmpp,
        streams);
  }

  private static Journal journal(QueueView queue, QueueOptions bounds) {
    ReportStore.View store = queue.store();
    ReportStore.Failure failure = store.lastFailure();
    return new Journal(
        store.first(),
        store.last(),
        store.bytes(),
        bounds.journalBytes(),
        store.files(),
        store.epoch(),
        queue.failing(),
        failure == null ? null : failure.message(),
        failure == null ? null : Times.text(failure.at()),
        queue.flushes().p50Nanos() / NANOS,
        queue.flushes().p99Nanos() / NANOS,
        queue.flushes().maxNanos() / NANOS);
  }

  private static Group group(GroupView group, QueueOptions bounds) {
    SecondBufferView buffer = group.buffer();
    return new Group(
        group.name(),
        group.acked(),
        group.delivered(),
        group.lag(),
        group.attached(),
        group.attempts(),
        group.isolated(),
        group.expired(),
        buffer.primary(),
        new Buffer(
            buffer.primaryCount(),
            buffer.primaryBytes(),
            bounds.secondCount(),
            bounds.secondBytes()),
        new Buffer(
            buffer.standbyCount(),
            buffer.standbyBytes(),
            bounds.secondCount(),
            bounds.secondBytes()),
        Times.textOrNull(buffer.abnormalSince()),
        buffer.swaps(),
        buffer.dropped(),
        buffer.readFromStorage());
  }

  private static ReportStream stream(StreamStatus.Stream stream) {
    return new ReportStream(
        stream.group(),
        stream.relayed(),
        stream.inner(),
        stream.queues().stream()
            .map(each -> new ReportStreamQueue(each.node(), each.state().name(), each.detail()))
            .toList());
  }

  private static Xmpp xmpp(XmppStatus.Connection connection) {
    return new Xmpp(
        connection.name(),
        connection.server(),
        connection.owner(),
        connection.state().name(),
        Times.text(connection.since()),
        connection.position(),
        connection.received(),
        connection.reconnects(),
        connection.lastError());
  }
}
