package org.plenum.report.api;

import java.util.Locale;
import java.util.Optional;

/** What a client can confirm of its user; the order is that of telling, when devices differ. */
public enum UserState {
  /** The messaging service is connected and the user is there. */
  ONLINE,
  /** The messaging service is connected and the user is not at the device. */
  AWAY,
  /** The messaging service is going. */
  OFFLINE;

  /** The word in reports and answers. */
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** The state of a word. */
  public static Optional<UserState> ofWord(String word) {
    for (UserState state : values()) {
      if (state.word().equals(word)) {
        return Optional.of(state);
      }
    }
    return Optional.empty();
  }
}
