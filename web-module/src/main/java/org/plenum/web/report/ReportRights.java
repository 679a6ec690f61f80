package org.plenum.web.report;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.util.Set;
import org.plenum.account.api.Account;
import org.plenum.platform.ErrorCode;
import org.plenum.platform.ServiceException;
import org.plenum.platform.config.KnownConfig;
import org.plenum.report.ReportConfig;
import org.plenum.report.api.ReportJson.Fields;
import org.plenum.web.limits.RateLimits;

/**
 * Who may report what: an account reports as itself; platform administrators and the configured
 * reporters report for any source and user, without a limit of their rate. Thread-safe.
 */
@ApplicationScoped
public class ReportRights {
  private final Set<String> reporters = Set.copyOf(ReportConfig.REPORTERS.from(KnownConfig.get()));

  @Inject private RateLimits limits;

  /** Whether the account may report for others. */
  public boolean forOthers(Account account) {
    return account.admin() || reporters.contains(account.name());
  }

  /** The source of what an account reports about itself. */
  public static String ownSource(Account account) {
    return "account/" + account.name();
  }

  /**
   * Demands that the account may report this.
   *
   * @throws ServiceException FORBIDDEN
   */
  public void require(Account account, Fields fields) {
    if (forOthers(account)) {
      return;
    }
    String source = fields.source();
    String user = fields.user();
    if ((source != null && !source.equals(ownSource(account)))
        || (user != null && !user.equals(account.name()))) {
      throw new ServiceException(
          ErrorCode.FORBIDDEN, "an account reports as itself: leave source and user out");
    }
  }

  /**
   * Keeps the account within its rate.
   *
   * @throws ServiceException RATE_LIMITED
   */
  public void acquire(Account account, int reports) {
    if (reports > 0 && !forOthers(account)) {
      limits.reports().acquire(account.id(), reports);
    }
  }
}
