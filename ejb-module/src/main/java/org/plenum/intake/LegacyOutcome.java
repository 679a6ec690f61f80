package org.plenum.intake;

import org.jspecify.annotations.Nullable;
import org.plenum.group.api.CommandAnswer;
import org.plenum.platform.ErrorCode;

/** What became of a message. */
public sealed interface LegacyOutcome {
  /** The message. */
  LegacyMessage message();

  /** What was read of it; null when it could not be read. */
  @Nullable LegacyCommand command();

  /** It took effect, now or at an earlier delivery. */
  record Applied(LegacyMessage message, LegacyCommand command, CommandAnswer.Accepted answer)
      implements LegacyOutcome {}

  /** It will never take effect: for the dead letters. */
  record Refused(
      LegacyMessage message, @Nullable LegacyCommand command, ErrorCode code, String detail)
      implements LegacyOutcome {}

  /** It may take effect later: to be delivered again. */
  record Postponed(
      LegacyMessage message, @Nullable LegacyCommand command, ErrorCode code, String detail)
      implements LegacyOutcome {}
}
