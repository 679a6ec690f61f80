package org.plenum.intake.api;

import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.plenum.group.api.GroupId;
import org.plenum.platform.ErrorCode;

/**
 * A message of a queue of legacy producers that was taken but had no effect.
 *
 * @param messageId the JMSMessageID
 * @param businessKey as far as it could be read
 * @param command as far as it could be read
 * @param code why the last attempt had no effect
 * @param detail the same for people
 * @param messageType TextMessage, or the type that was refused unread
 * @param body the text, cut at the configured size; null in lists and for refused types
 * @param truncated whether the body was cut; such a letter cannot be replayed
 * @param attempts how often it was tried, the last replay included
 * @param changedBy the administrator who replayed or discarded it
 * @param group the group in which the replay took effect
 * @param seq the sequence of the replay's entry, else 0
 * @param queue whose message it is
 */
public record DeadLetter(
    long id,
    String messageId,
    @Nullable String businessKey,
    @Nullable String command,
    ErrorCode code,
    String detail,
    String messageType,
    @Nullable String body,
    boolean truncated,
    int attempts,
    DeadLetterStatus status,
    Instant receivedAt,
    Instant changedAt,
    @Nullable String changedBy,
    @Nullable GroupId group,
    long seq,
    LetterQueue queue) {}
