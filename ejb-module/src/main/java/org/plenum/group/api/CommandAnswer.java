package org.plenum.group.api;

import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.plenum.platform.ErrorCode;
import org.plenum.platform.ServiceException;

/** The outcome of a command. */
public sealed interface CommandAnswer {
  /**
   * The command took effect, now or when its client id was first seen.
   *
   * @param seq sequence of the first entry it made; for a read position, the position that now
   *     holds
   * @param no number of posted messages up to that entry
   * @param revision the position to read one's own write
   * @param replayed whether this is the answer to an earlier write with the same client id
   */
  record Accepted(GroupId group, long seq, long no, long revision, Instant at, boolean replayed)
      implements CommandAnswer {}

  /** The command had no effect. */
  record Rejected(ErrorCode code, String detail, @Nullable Duration retryAfter)
      implements CommandAnswer {
    public Rejected(ErrorCode code, String detail) {
      this(code, detail, null);
    }
  }

  /**
   * The acceptance.
   *
   * @throws ServiceException with the rejection's code
   */
  default Accepted orThrow() {
    return switch (this) {
      case Accepted accepted -> accepted;
      case Rejected rejected ->
          throw new ServiceException(
              rejected.code(), rejected.detail(), rejected.retryAfter(), null);
    };
  }
}
