package org.plenum.web.report;

import org.jspecify.annotations.Nullable;
import org.plenum.platform.ServiceException;
import org.plenum.report.api.NewReport;

/**
 * What became of one report.
 *
 * @param accepted whether it is durable and will take effect
 * @param businessKey the name under which it may be sent again without a second effect
 * @param code why it was not accepted
 */
public record ReportReceipt(
    boolean accepted,
    @Nullable String id,
    @Nullable String source,
    @Nullable String businessKey,
    @Nullable String code,
    @Nullable String detail) {
  static ReportReceipt of(NewReport report) {
    return new ReportReceipt(
        true, report.id().toString(), report.source(), report.key(), null, null);
  }

  static ReportReceipt of(ServiceException problem) {
    return new ReportReceipt(false, null, null, null, problem.code().name(), problem.detail());
  }
}
