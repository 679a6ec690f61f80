package org.plenum.group.api;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What a list of groups shows of the end of a group's stream. Immutable.
 *
 * @param at when the last entry was written
 * @param message the last message that was posted, or null when none is near the end
 */
public record Latest(Instant at, @Nullable Message message) {
  /** Longest text of a preview, in code points. */
  public static final int MAX_TEXT = 140;

  /**
   * The last message.
   *
   * @param text its current text, cut to {@value #MAX_TEXT} code points, or null after its recall
   */
  public record Message(long seq, Actor by, @Nullable String text) {
    /** A message with its text cut to what a list shows. */
    public static Message of(long seq, Actor by, @Nullable String text) {
      return new Message(seq, by, text == null ? null : cut(text));
    }

    private static String cut(String text) {
      // A string of so many units has at most as many code points: most need no counting.
      return text.length() <= MAX_TEXT || text.codePointCount(0, text.length()) <= MAX_TEXT
          ? text
          : text.substring(0, text.offsetByCodePoints(0, MAX_TEXT - 1)) + "…";
    }
  }
}
