package org.plenum.web.intake;

import org.jspecify.annotations.Nullable;
import org.plenum.group.api.GroupId;
import org.plenum.intake.api.DeadLetter;
import org.plenum.web.api.Times;

/** A dead letter as administrators see it; lists carry no bodies. */
public record DeadLetterResponse(
    long id,
    String status,
    String messageId,
    @Nullable String businessKey,
    @Nullable String command,
    String code,
    String detail,
    String messageType,
    @Nullable String body,
    boolean truncated,
    int attempts,
    String receivedAt,
    String changedAt,
    @Nullable String changedBy,
    @Nullable String group,
    long seq,
    String queue) {
  static DeadLetterResponse of(DeadLetter letter) {
    GroupId group = letter.group();
    return new DeadLetterResponse(
        letter.id(),
        letter.status().name(),
        letter.messageId(),
        letter.businessKey(),
        letter.command(),
        letter.code().name(),
        letter.detail(),
        letter.messageType(),
        letter.body(),
        letter.truncated(),
        letter.attempts(),
        Times.text(letter.receivedAt()),
        Times.text(letter.changedAt()),
        letter.changedBy(),
        group == null ? null : group.toString(),
        letter.seq(),
        letter.queue().name());
  }
}
