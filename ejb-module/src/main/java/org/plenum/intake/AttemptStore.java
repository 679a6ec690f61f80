package org.plenum.intake;

import java.time.Instant;
import java.util.Collection;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.plenum.platform.ErrorCode;
import org.plenum.platform.ServiceException;

/**
 * What is known of messages that were delivered again, by JMSMessageID, kept where a crash does not
 * take it: the broker's own count of deliveries starts anew when the broker does. Each call is a
 * transaction of its own. Thread-safe; {@link ServiceException} with READ_UNAVAILABLE when the
 * store is away.
 */
public interface AttemptStore {
  /**
   * Tries of a message on its own.
   *
   * @param tries how many were begun and not forgotten
   * @param code why the last one that came to an end had no effect; null when none did
   * @param detail the same for people
   */
  record Attempts(int tries, @Nullable ErrorCode code, @Nullable String detail) {}

  /** What is known of those among the messages that are known. */
  Map<String, Attempts> find(Collection<String> messageIds);

  /** Makes messages known that are not, without a try. */
  void suspect(Collection<String> messageIds, Instant at);

  /** Counts one more try of a known message, before it is made, and forgets those that are done. */
  void begin(String messageId, Collection<String> done, Instant at);

  /** Says why the try had no effect. */
  void failed(String messageId, ErrorCode code, String detail);

  /** Takes the last try back: it was not the message's. */
  void excuse(String messageId);

  /** Forgets messages that are done. */
  void forget(Collection<String> messageIds);

  /** Forgets what was last tried before the instant. */
  void prune(Instant before);
}
