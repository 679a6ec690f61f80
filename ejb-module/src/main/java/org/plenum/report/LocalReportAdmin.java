package org.plenum.report;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.plenum.platform.ErrorCode;
import org.plenum.platform.ServiceException;
import org.plenum.platform.config.KnownConfig;
import org.plenum.report.api.ReportAdminService;
import org.plenum.report.api.ReportAnswer;
import org.plenum.report.api.ReportEnvelope;
import org.plenum.report.queue.BufferedQueue;
import org.plenum.report.queue.DeadLetter;
import org.plenum.report.queue.QueueException;
import org.plenum.report.queue.QueueOptions;
import org.plenum.report.queue.Report;

/** The administrators' side of the queue of this node. Thread-safe. */
@ApplicationScoped
public class LocalReportAdmin implements ReportAdminService {
  private static final Duration ROOM = Duration.ofSeconds(2);

  @Inject private LocalReports local;

  /**
   * Read once: Payara looks for a value on the data grid too, which may not answer for a minute.
   */
  private final QueueOptions options = ReportConfig.queue(KnownConfig.get());

  private final Set<String> groups = Set.copyOf(ReportConfig.groups(KnownConfig.get()));

  @Override
  public Optional<Status> status() {
    LocalReports.Opened opened = local.opened();
    return opened == null
        ? Optional.empty()
        : Optional.of(new Status(opened.queue().view(), options));
  }

  @Override
  public List<Letter> deadLetters(long after, int most) {
    return local.queue().deadLetters(after, most).stream().map(LocalReportAdmin::letter).toList();
  }

  private static Letter letter(DeadLetter letter) {
    Report report = letter.report().report();
    return new Letter(
        letter.id(),
        letter.group(),
        letter.report().sequence(),
        report.source(),
        report.key(),
        decoded(report),
        letter.reason(),
        letter.attempts(),
        letter.at());
  }

  private static @Nullable ReportEnvelope decoded(Report report) {
    try {
      return ReportCodec.decode(report);
    } catch (IllegalArgumentException e) {
      return null; // it is a dead letter because of that, and its reason says so
    }
  }

  @Override
  public CompletionStage<ReportAnswer> replay(long id) {
    BufferedQueue queue = local.queue();
    try {
      return queue.replay(id, ROOM).handle(Reports::answer);
    } catch (QueueException e) {
      return CompletableFuture.completedFuture(Reports.rejected(e));
    } catch (IllegalArgumentException e) {
      throw new ServiceException(ErrorCode.NOT_FOUND, "there is no dead letter " + id, null, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ServiceException(ErrorCode.REPORTS_UNAVAILABLE, "interrupted", ROOM, e);
    }
  }

  @Override
  public void discard(long id) {
    if (!local.queue().discardDeadLetter(id)) {
      throw new ServiceException(ErrorCode.NOT_FOUND, "there is no dead letter " + id);
    }
  }

  @Override
  public void removeGroup(String name) {
    BufferedQueue queue = local.queue();
    if (groups.contains(name)) {
      throw new ServiceException(
          ErrorCode.FORBIDDEN, "the group " + name + " is in use by the configuration");
    }
    if (queue.view().groups().stream().noneMatch(group -> group.name().equals(name))) {
      throw new ServiceException(ErrorCode.NOT_FOUND, "there is no group " + name);
    }
    queue.removeGroup(name);
  }
}
