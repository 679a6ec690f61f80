package org.plenum.report.xmpp;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/**
 * One message of an archive, whatever the archive's ids are worth: ejabberd takes the microsecond
 * at which the sender's process saw the message, which two of them may share.
 *
 * @param id in the archive
 * @param from address of the sender
 * @param messageId the sender's id of the message, empty when there is none
 */
record MessageToken(String id, String from, String messageId) {
  private static final int HASH_BYTES = 6;

  static MessageToken of(String id, String from, @Nullable String messageId) {
    return new MessageToken(id, from, messageId == null ? "" : messageId);
  }

  /** The key of a report that has no other: the same at each reading, and of this message alone. */
  String key() {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      digest.update(from.getBytes(UTF_8));
      digest.update((byte) 0);
      byte[] hash = digest.digest(messageId.getBytes(UTF_8));
      return id + "~" + HexFormat.of().formatHex(hash, 0, HASH_BYTES);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
