package org.plenum.report.api;

/** The way by which a report came. Codes and names are part of stored forms and never change. */
public enum ReportChannel {
  /** {@code POST /api/v1/reports}. */
  REST(1),
  /** The report queue of the broker. */
  JMS(2),
  /** A frame of a client's socket. */
  WEBSOCKET(3),
  /** The archive of an XMPP server. */
  XMPP(4);

  private final int code;

  ReportChannel(int code) {
    this.code = code;
  }

  /** The number in the journal. */
  public int code() {
    return code;
  }

  /**
   * The channel of a code.
   *
   * @throws IllegalArgumentException when there is none
   */
  public static ReportChannel of(int code) {
    for (ReportChannel channel : values()) {
      if (channel.code == code) {
        return channel;
      }
    }
    throw new IllegalArgumentException("no channel has the code " + code);
  }
}
