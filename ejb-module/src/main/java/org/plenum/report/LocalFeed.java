package org.plenum.report;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.plenum.platform.ErrorCode;
import org.plenum.platform.ServiceException;
import org.plenum.report.api.ReportFeeds.Delivered;
import org.plenum.report.api.ReportFeeds.Feed;
import org.plenum.report.queue.QueueException;
import org.plenum.report.queue.QueuedReport;
import org.plenum.report.queue.ReportBatch;
import org.plenum.report.queue.ReportConsumer;

/**
 * A feed from the queue of this node. What is in the queue and cannot be read as a report (one that
 * a repair of the journal gave up, or of a form that this version does not know) stops the feed:
 * what is before it goes out, nothing behind it does until all before it is acknowledged, and then
 * it is turned down, alone, until it is a dead letter. For one thread.
 */
final class LocalFeed implements Feed {
  private static final Duration RETRY = Duration.ofSeconds(2);
  private static final Duration LOOK = Duration.ofMillis(50);
  private static final long BATCH_BYTES = 1 << 20;

  private final ReportConsumer consumer;
  private long unreadable; // 0: none is in flight
  private String why = "";

  LocalFeed(ReportConsumer consumer) {
    this.consumer = consumer;
  }

  static <T> T guarded(Supplier<T> work) {
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

  @Override
  public long acked() {
    return consumer.acked();
  }

  @Override
  public List<Delivered> poll(int most, Duration wait) throws InterruptedException {
    try {
      if (unreadable > 0 && !turnedDown()) {
        // What is behind it is in flight already, and must not go out before it is done with.
        Thread.sleep(wait.compareTo(LOOK) < 0 ? wait : LOOK);
        return List.of();
      }
      return readable(consumer.poll(most, BATCH_BYTES, wait));
    } catch (QueueException e) {
      throw translated(e);
    }
  }

  private boolean turnedDown() {
    if (consumer.acked() < unreadable - 1) {
      return false;
    }
    consumer.reject(unreadable, why); // it and what follows come again, it alone first
    unreadable = 0;
    return true;
  }

  private List<Delivered> readable(ReportBatch batch) {
    List<Delivered> delivered = new ArrayList<>(batch.reports().size());
    for (QueuedReport report : batch.reports()) {
      int attempt = delivered.isEmpty() ? batch.attempt() : 1;
      try {
        delivered.add(
            new Delivered(report.sequence(), attempt, ReportCodec.decode(report.report())));
      } catch (IllegalArgumentException e) {
        unreadable = report.sequence();
        why = String.valueOf(e.getMessage());
        return delivered;
      }
    }
    return delivered;
  }

  @Override
  public void ack(long sequence) {
    refuseUnreadable(sequence);
    guarded(
        () -> {
          consumer.ack(sequence);
          return sequence;
        });
  }

  @Override
  public void reject(long sequence, String reason) {
    refuseUnreadable(sequence);
    guarded(
        () -> {
          consumer.reject(sequence, reason);
          return sequence;
        });
    unreadable = 0; // it comes again
  }

  private void refuseUnreadable(long sequence) {
    if (unreadable > 0 && sequence >= unreadable) {
      throw new ServiceException(
          ErrorCode.INVALID_VALUE,
          sequence + " was not delivered, only up to " + (unreadable - 1),
          null,
          null);
    }
  }

  @Override
  public void close() {
    consumer.close();
  }

  @Override
  public void lost() {
    consumer.abandon();
  }
}
