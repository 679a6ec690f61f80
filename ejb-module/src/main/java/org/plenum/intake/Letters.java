package org.plenum.intake;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.plenum.intake.DeadLetterStore.NewLetter;
import org.plenum.intake.api.LetterQueue;
import org.plenum.platform.ErrorCode;

/** Makes dead letters of messages. */
final class Letters {
  private Letters() {}

  /**
   * The letter.
   *
   * @param maxBytes at which the body is cut
   */
  static NewLetter of(
      LegacyMessage message,
      @Nullable String businessKey,
      @Nullable String command,
      ErrorCode code,
      String detail,
      int maxBytes,
      Instant at,
      LetterQueue queue) {
    String text = message.text();
    String body = text == null ? null : cut(text, maxBytes);
    return new NewLetter(
        message.messageId(),
        businessKey,
        command,
        code,
        detail,
        message.type(),
        body,
        text != null && !text.equals(body),
        message.deliveries(),
        at,
        queue);
  }

  /** The text as the database takes it: without NUL and lone surrogates, and within the bound. */
  private static String cut(String text, int maxBytes) {
    String head = text.length() <= maxBytes ? text : text.substring(0, maxBytes);
    ByteBuffer bytes = UTF_8.encode(CharBuffer.wrap(head));
    if (bytes.remaining() > maxBytes) {
      bytes.limit(maxBytes);
    }
    return UTF_8.decode(bytes).toString().replace('\0', '\uFFFD');
  }
}
