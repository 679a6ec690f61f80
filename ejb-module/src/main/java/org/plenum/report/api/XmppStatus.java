package org.plenum.report.api;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The connections of this node to XMPP servers, for administrators (RPT-3). Thread-safe. */
public interface XmppStatus {
  /** How a connection is. */
  enum State {
    /** This node is not the owner: another one has the connection. */
    ELSEWHERE,
    /** No connection, an attempt is under way or waits for its turn. */
    CONNECTING,
    /** Connected, reading the archive. */
    CATCHING_UP,
    /** Connected, up to date, reports come as they are sent. */
    LIVE
  }

  /**
   * One connection.
   *
   * @param name of the connection in the configuration
   * @param server the domain of the server
   * @param owner name of the node that has it, empty when none
   * @param state how it is
   * @param since since when
   * @param position the last archive id that has taken effect, null when there is none
   * @param received reports that this node took from it since its start
   * @param reconnects connections that were lost since the start
   * @param lastError why the last one was lost or failed, null when none was
   */
  record Connection(
      String name,
      String server,
      String owner,
      State state,
      Instant since,
      @Nullable String position,
      long received,
      long reconnects,
      @Nullable String lastError) {}

  /** All configured connections. */
  List<Connection> connections();
}
