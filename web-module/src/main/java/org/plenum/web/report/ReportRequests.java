package org.plenum.web.report;

import java.time.Clock;
import java.util.ArrayList;
import java.util.Iterator;
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
   * A list on its way.
   *
   * @param items its elements
   * @param answer what becomes of those without a problem; null when all have one
   */
  record SubmittedList(List<Item> items, @Nullable CompletionStage<ReportAnswer> answer) {}

  /**
   * One report; the queue may refuse it yet.
   *
   * @param key names it when its text does not; null for a new name
   * @throws ServiceException why it cannot be taken
   */
  public NewReport one(Account account, String text, @Nullable String key, ReportChannel channel) {
    return report(account, json.read(text), key, channel);
  }

  /**
   * Submits several reports, each taken or refused for itself. One of them was within the account's
   * rate already.
   *
   * @throws ServiceException when the text is not a list within the bound; RATE_LIMITED
   */
  SubmittedList submitList(Account account, String text, int most, ReportChannel channel) {
    List<ReportJson.Item> read = json.readList(text, most);
    rights.acquire(account, read.size() - 1);
    List<Item> items = new ArrayList<>(read.size());
    List<NewReport> found = new ArrayList<>(read.size());
    for (ReportJson.Item each : read) {
      Item item = item(account, each, channel);
      items.add(item);
      if (item.report() != null) {
        found.add(item.report());
      }
    }
    if (found.isEmpty()) {
      return new SubmittedList(items, null);
    }
    ReportService.Sorted sorted = reports.submitEach(found);
    Iterator<ReportAnswer.@Nullable Rejected> refused = sorted.refused().iterator();
    items.replaceAll(item -> item.report() == null ? item : sorted(item, refused.next()));
    return new SubmittedList(items, sorted.answer());
  }

  private static Item sorted(Item item, ReportAnswer.@Nullable Rejected refusal) {
    return refusal == null
        ? item
        : new Item(
            null,
            new ServiceException(refusal.code(), refusal.detail(), refusal.retryAfter(), null));
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
    return named(account, fields)
        .report(ReportRights.ownSource(account), name(fields, key), clock.instant(), channel);
  }

  /** A new name costs random bits: it is drawn for a report that has none. */
  private String name(Fields fields, @Nullable String key) {
    if (fields.businessKey() != null) {
      return fields.businessKey();
    }
    return key == null ? Ids.newId(clock).toString() : key;
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
