package org.plenum.web.push;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.plenum.platform.ErrorCode;
import org.plenum.platform.ServiceException;
import org.plenum.report.api.ReportFeeds.Delivered;
import org.plenum.report.api.ReportFeeds.Feed;
import org.plenum.report.api.ReportText;
import org.plenum.report.api.StreamStatus;

/** The queue of this node. */
final class LocalReportSource implements ReportSource {
  private static final Duration CHECK = Duration.ofSeconds(1);

  private final String node;
  private final @Nullable Supplier<Feed> reopening;
  private @Nullable Feed feed;
  private boolean open;
  private boolean lost;
  private String detail = "";
  private long failedAt;
  private long acked;
  private long checked = System.nanoTime();

  private record Own(Delivered delivered) implements Taken {
    @Override
    public long sequence() {
      return delivered.sequence();
    }

    @Override
    public int attempt() {
      return delivered.attempt();
    }

    @Override
    public void appendTo(StringBuilder json) {
      ReportText.append(json, delivered.sequence(), delivered.envelope());
    }
  }

  /**
   * The queue of this node.
   *
   * @param feed what it is read from
   * @param reopening opens it again after trouble that may pass, for a stream that has other queues
   *     beside it; null when such trouble ends the stream
   */
  LocalReportSource(String node, Feed feed, @Nullable Supplier<Feed> reopening) {
    this.node = node;
    this.feed = feed;
    this.reopening = reopening;
  }

  @Override
  public String node() {
    return node;
  }

  @Override
  public Change tick() {
    if (lost) {
      lost = false;
      return Change.LOST;
    }
    Feed now = feed == null ? reopened() : feed;
    if (now == null) {
      return Change.NONE;
    }
    if (!open) {
      open = true;
      acked = now.acked();
      return Change.OPENED;
    }
    if (System.nanoTime() - checked > CHECK.toNanos()) {
      // Without credit nothing is asked of the queue, and a newer consumer would go unnoticed.
      checked = System.nanoTime();
      ack(acked);
    }
    return Change.NONE;
  }

  private @Nullable Feed reopened() {
    Supplier<Feed> again = reopening;
    if (again != null && System.nanoTime() - failedAt > CHECK.toNanos()) {
      try {
        feed = again.get();
      } catch (ServiceException e) {
        passing(e);
      }
    }
    return feed;
  }

  /** Lets the queue go after trouble of its own; what else there is ends the stream. */
  private void passing(ServiceException trouble) {
    boolean own =
        trouble.code() == ErrorCode.REPORTS_UNAVAILABLE
            || trouble.code() == ErrorCode.REPORT_STORAGE_FAILED;
    if (reopening == null || !own) {
      throw trouble;
    }
    close();
    lost = open;
    open = false;
    detail = trouble.detail();
    failedAt = System.nanoTime();
  }

  @Override
  public StreamStatus.Queue status() {
    return feed == null
        ? new StreamStatus.Queue(node, StreamStatus.State.AWAY, detail)
        : new StreamStatus.Queue(node, StreamStatus.State.OPEN, "");
  }

  @Override
  public long acked() {
    return acked;
  }

  @Override
  public List<Taken> poll(int most, Duration wait) throws InterruptedException {
    Feed now = feed;
    if (now == null) {
      return List.of();
    }
    try {
      List<Delivered> batch = now.poll(most, wait);
      List<Taken> taken = new ArrayList<>(batch.size());
      for (Delivered delivered : batch) {
        taken.add(new Own(delivered));
      }
      return taken;
    } catch (ServiceException e) {
      passing(e);
      return List.of();
    }
  }

  @Override
  public void ack(long sequence) {
    Feed now = feed;
    if (now != null) { // else it comes again, under another name of the queue
      try {
        now.ack(sequence);
      } catch (ServiceException e) {
        passing(e);
      }
    }
  }

  @Override
  public void reject(long sequence, String reason) {
    Feed now = feed;
    if (now != null) {
      try {
        now.reject(sequence, reason);
      } catch (ServiceException e) {
        passing(e);
      }
    }
  }

  @Override
  public void close() {
    Feed now = feed;
    feed = null;
    if (now != null) {
      now.close();
    }
  }

  @Override
  public void lost() {
    Feed now = feed;
    feed = null;
    if (now != null) {
      now.lost();
    }
  }
}
