package org.plenum.web.report;

import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.plenum.account.api.Account;
import org.plenum.platform.Ids;
import org.plenum.platform.ServiceException;
import org.plenum.report.api.NewReport;
import org.plenum.report.api.ReportAnswer;
import org.plenum.report.api.ReportChannel;
import org.plenum.report.api.ReportJson;
import org.plenum.report.api.ReportJson.Fields;
import org.plenum.report.api.ReportService;

/** Turns what an account sent into reports that may be submitted. Thread-safe. */
public final class ReportRequests {
  private final ReportService reports;
  private final ReportRights rights;
  private final Clock clock;
  private final ReportJson json = new ReportJson();

  /** For this port, under these rights. */
  public ReportRequests(ReportService reports, ReportRights rights, Clock clock) {
    this.reports = reports;
    this.rights = rights;
    this.clock = clock;
  }

  /** A report on its way; the answer comes when it is durable. */
  public record Submitted(NewReport report, CompletionStage<ReportAnswer> answer) {}

  /**
   * Submits one report of an account, within its rate.
   *
   * @param key names it when its text does not
   * @throws ServiceException why it cannot be taken
   */
  public Submitted submit(Account account, String text, String key, ReportChannel channel) {
    rights.acquire(account, 1);
    NewReport report = one(account, text, key, channel);
    return new Submitted(report, reports.submit(report));
  }

  /** One element of a list: the report, or why it cannot be taken. */
  record Item(@Nullable NewReport report, @Nullable ServiceException problem) {}

  /**
   * One report.
   *
   * @param key names it when its text does not; null for a new name
   * @throws ServiceException why it cannot be taken
   */
  public NewReport one(Account account, String text, @Nullable String key, ReportChannel channel) {
    return report(account, json.read(text), key, channel);
  }

  /**
   * Several reports, each taken or refused for itself.
   *
   * @throws ServiceException when the text is not a list within the bound
   */
  List<Item> many(Account account, String text, int most, ReportChannel channel) {
    List<Item> items = new ArrayList<>();
    for (ReportJson.Item read : json.readList(text, most)) {
      items.add(item(account, read, channel));
    }
    return items;
  }

  private Item item(Account account, ReportJson.Item read, ReportChannel channel) {
    Fields fields = read.fields();
    if (fields == null) {
      return new Item(null, read.problem());
    }
    try {
      return new Item(report(account, fields, null, channel), null);
    } catch (ServiceException e) {
      return new Item(null, e);
    }
  }

  private NewReport report(
      Account account, Fields fields, @Nullable String key, ReportChannel channel) {
    rights.require(account, fields);
    Instant now = clock.instant();
    NewReport report =
        named(account, fields)
            .report(
                ReportRights.ownSource(account),
                key == null ? Ids.newId(clock).toString() : key,
                now,
                channel);
    ReportAnswer.Rejected problem = reports.problem(report);
    if (problem != null) {
      throw new ServiceException(problem.code(), problem.detail(), problem.retryAfter(), null);
    }
    return report;
  }

  /** An account that reports as itself is what its reports are about. */
  private static Fields named(Account account, Fields fields) {
    boolean asItself =
        fields.source() == null || fields.source().equals(ReportRights.ownSource(account));
    return fields.user() != null || !asItself
        ? fields
        : new Fields(
            fields.businessKey(),
            fields.source(),
            fields.kind(),
            account.name(),
            fields.device(),
            fields.occurredAt(),
            fields.body(),
            fields.position());
  }
}
