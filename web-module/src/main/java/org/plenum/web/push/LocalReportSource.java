package org.plenum.web.push;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.plenum.report.api.ReportFeeds.Delivered;
import org.plenum.report.api.ReportFeeds.Feed;
import org.plenum.report.api.ReportText;
import org.plenum.report.api.StreamStatus;

/** The queue of this node. */
final class LocalReportSource implements ReportSource {
  private static final Duration CHECK = Duration.ofSeconds(1);

  private final String node;
  private final Feed feed;
  private boolean open;
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

  LocalReportSource(String node, Feed feed) {
    this.node = node;
    this.feed = feed;
  }

  @Override
  public String node() {
    return node;
  }

  @Override
  public Change tick() {
    if (!open) {
      open = true;
      acked = feed.acked();
      return Change.OPENED;
    }
    long now = System.nanoTime();
    if (now - checked > CHECK.toNanos()) {
      // Without credit nothing is asked of the queue, and a newer consumer would go unnoticed.
      checked = now;
      feed.ack(acked);
    }
    return Change.NONE;
  }

  @Override
  public StreamStatus.Queue status() {
    return new StreamStatus.Queue(node, StreamStatus.State.OPEN, "");
  }

  @Override
  public long acked() {
    return acked;
  }

  @Override
  public List<Taken> poll(int most, Duration wait) throws InterruptedException {
    List<Delivered> batch = feed.poll(most, wait);
    List<Taken> taken = new ArrayList<>(batch.size());
    for (Delivered delivered : batch) {
      taken.add(new Own(delivered));
    }
    return taken;
  }

  @Override
  public void ack(long sequence) {
    feed.ack(sequence);
  }

  @Override
  public void reject(long sequence, String reason) {
    feed.reject(sequence, reason);
  }

  @Override
  public void close() {
    feed.close();
  }
}
