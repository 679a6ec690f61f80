package org.plenum.web.push;

/** Status codes of the closing handshake that this server uses (RFC 6455, section 7.4). */
final class CloseCode {
  static final int NORMAL = 1000;
  static final int GOING_AWAY = 1001;
  static final int PROTOCOL_ERROR = 1002;
  static final int UNSUPPORTED_DATA = 1003;

  /** Never sent: the peer's close frame carried no status. */
  static final int NO_STATUS = 1005;

  static final int INVALID_UTF8 = 1007;
  static final int POLICY_VIOLATION = 1008;
  static final int TOO_LARGE = 1009;
  static final int TRY_AGAIN_LATER = 1013;

  private CloseCode() {}

  /** Whether a peer may send this status: the registered ones and those of applications. */
  static boolean mayBeSent(int status) {
    return (status >= 1000 && status <= 1014 && (status < 1004 || status > 1006))
        || (status >= 3000 && status <= 4999);
  }
}
