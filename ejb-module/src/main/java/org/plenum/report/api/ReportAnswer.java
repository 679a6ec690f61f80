package org.plenum.report.api;

import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.plenum.platform.ErrorCode;
import org.plenum.platform.ServiceException;

/** What became of reports that were submitted together. */
public sealed interface ReportAnswer {
  /**
   * All of them are durable and will take effect.
   *
   * @param first the place of the first one in this node's queue
   * @param last the place of the last one
   */
  record Accepted(long first, long last) implements ReportAnswer {}

  /**
   * The submission had no effect; with a code that is a {@linkplain ErrorCode#transientFault()
   * transient fault} the same reports may be submitted again, and whatever was stored all the same
   * counts once.
   */
  record Rejected(ErrorCode code, String detail, @Nullable Duration retryAfter)
      implements ReportAnswer {
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
