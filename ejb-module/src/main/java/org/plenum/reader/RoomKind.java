package org.plenum.reader;

/** What the cache of the room holds. Codes are stored: never change or reuse one. */
enum RoomKind {
  GROUP(1),
  SEGMENT(2),
  ACCOUNT(3);

  private final int code;

  RoomKind(int code) {
    this.code = code;
  }

  int code() {
    return code;
  }

  static RoomKind ofCode(int code) {
    for (RoomKind kind : values()) {
      if (kind.code == code) {
        return kind;
      }
    }
    throw new IllegalArgumentException("unknown kind of value " + code);
  }
}
