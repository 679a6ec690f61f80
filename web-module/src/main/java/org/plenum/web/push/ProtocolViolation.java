package org.plenum.web.push;

/** A peer broke RFC 6455; the connection ends with {@link #closeCode()}. */
final class ProtocolViolation extends Exception {
  private static final long serialVersionUID = 1L;

  private final int closeCode;

  ProtocolViolation(int closeCode, String reason) {
    super(reason, null, false, false);
    this.closeCode = closeCode;
  }

  int closeCode() {
    return closeCode;
  }

  String reason() {
    String message = getMessage();
    return message == null ? "" : message;
  }
}
