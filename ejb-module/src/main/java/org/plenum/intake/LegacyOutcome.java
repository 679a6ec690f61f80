package org.plenum.intake;

import org.jspecify.annotations.Nullable;
import org.plenum.group.api.CommandAnswer;
import org.plenum.platform.ErrorCode;
import org.plenum.report.api.NewReport;

/** What became of a message. */
public sealed interface LegacyOutcome {
  /** The message. */
  LegacyMessage message();

  /** The command that was read of it; null when none was. */
  @Nullable LegacyCommand command();

  /** It took effect, now or at an earlier delivery. */
  record Applied(LegacyMessage message, LegacyCommand command, CommandAnswer.Accepted answer)
      implements LegacyOutcome {}

  /** It is a report, and durable, now or since an earlier delivery. */
  record Stored(LegacyMessage message, NewReport report) implements LegacyOutcome {
    @Override
    public @Nullable LegacyCommand command() {
      return null;
    }
  }

  /** It will never take effect: for the dead letters. */
  record Refused(
      LegacyMessage message, @Nullable LegacyCommand command, ErrorCode code, String detail)
      implements LegacyOutcome {}

  /** It may take effect later: to be delivered again. */
  record Postponed(
      LegacyMessage message, @Nullable LegacyCommand command, ErrorCode code, String detail)
      implements LegacyOutcome {}
}
