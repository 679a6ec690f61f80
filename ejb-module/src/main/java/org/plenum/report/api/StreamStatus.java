package org.plenum.report.api;

import java.util.List;

/**
 * The streams of external processing servers on this node, for administrators (RPT-3). Thread-safe;
 * answers from memory.
 */
public interface StreamStatus {
  /** How a stream has the queue of a node. */
  enum State {
    /** Reports come from it. */
    OPEN,
    /** No connection to that node; attempts go on. */
    AWAY,
    /** That node's version knows no inner streams: its reports wait for it to be upgraded. */
    UNSUPPORTED
  }

  /**
   * The queue of a node in a stream.
   *
   * @param detail why nothing comes from it, else empty
   */
  record Queue(String node, State state, String detail) {}

  /**
   * A stream.
   *
   * @param relayed whether it carries the queues of all nodes
   * @param inner whether it goes to another node, which relays it
   */
  record Stream(String group, boolean relayed, boolean inner, List<Queue> queues) {
    /** Copies its list. */
    public Stream {
      queues = List.copyOf(queues);
    }
  }

  /** All streams that run now. */
  List<Stream> streams();
}
