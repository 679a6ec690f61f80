package org.plenum.report;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import org.plenum.platform.ErrorCode;
import org.plenum.platform.ServiceException;
import org.plenum.platform.config.KnownConfig;
import org.plenum.report.api.ReportFeeds;
import org.plenum.report.queue.QueueException;
import org.plenum.report.queue.QueuedReport;
import org.plenum.report.queue.ReportBatch;
import org.plenum.report.queue.ReportConsumer;

/** Feeds from the queue of this node. Thread-safe. */
@ApplicationScoped
public class LocalReportFeeds implements ReportFeeds {
  private static final Duration RETRY = Duration.ofSeconds(2);
  private static final long BATCH_BYTES = 1 << 20;

  @Inject private LocalReports local;

  /**
   * Read once: Payara looks for a value on the data grid too, which may not answer for a minute.
   */
  private final Set<String> groups = Set.copyOf(ReportConfig.STREAM_GROUPS.from(KnownConfig.get()));

  @Override
  public Feed open(String group) {
    if (!groups.contains(group)) {
      throw new ServiceException(
          ErrorCode.NOT_FOUND, "no group of this name in plenum.report.stream.groups");
    }
    return guarded(() -> new LocalFeed(local.queue().consumer(group)));
  }

  private static <T> T guarded(Supplier<T> work) {
    try {
      return work.get();
    } catch (QueueException e) {
      throw translated(e);
    } catch (IllegalArgumentException e) {
      throw new ServiceException(ErrorCode.INVALID_VALUE, String.valueOf(e.getMessage()), null, e);
    }
  }

  private static ServiceException translated(QueueException e) {
    ErrorCode code =
        switch (e.reason()) {
          case REPLACED -> ErrorCode.FEED_REPLACED;
          case DAMAGED, STORAGE_FAILED, STORAGE_FULL, DEAD_LETTERS_FULL ->
              ErrorCode.REPORT_STORAGE_FAILED;
          default -> ErrorCode.REPORTS_UNAVAILABLE;
        };
    return new ServiceException(code, String.valueOf(e.getMessage()), RETRY, e);
  }

  private record LocalFeed(ReportConsumer consumer) implements Feed {
    @Override
    public long acked() {
      return consumer.acked();
    }

    @Override
    public List<Delivered> poll(int most, Duration wait) throws InterruptedException {
      try {
        ReportBatch batch = consumer.poll(most, BATCH_BYTES, wait);
        List<Delivered> delivered = new ArrayList<>(batch.reports().size());
        for (QueuedReport report : batch.reports()) {
          int attempt = delivered.isEmpty() ? batch.attempt() : 1;
          try {
            delivered.add(
                new Delivered(report.sequence(), attempt, ReportCodec.decode(report.report())));
          } catch (IllegalArgumentException e) {
            // Not ours: what is before it goes out; alone, it is turned down until it is set aside.
            if (delivered.isEmpty()) {
              consumer.reject(report.sequence(), String.valueOf(e.getMessage()));
              return List.of();
            }
            break;
          }
        }
        return delivered;
      } catch (QueueException e) {
        throw translated(e);
      }
    }

    @Override
    public void ack(long sequence) {
      guarded(
          () -> {
            consumer.ack(sequence);
            return sequence;
          });
    }

    @Override
    public void reject(long sequence, String reason) {
      guarded(
          () -> {
            consumer.reject(sequence, reason);
            return sequence;
          });
    }

    @Override
    public void close() {
      consumer.close();
    }
  }
}
