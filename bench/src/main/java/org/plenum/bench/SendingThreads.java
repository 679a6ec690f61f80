package org.plenum.bench;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Senders that wait for an acknowledgement, each on a thread of its own. */
final class SendingThreads extends ReportLoad {
  private static final long LIMIT_MILLIS = TimeUnit.SECONDS.toMillis(60);

  private final List<Lane> lanes = new ArrayList<>();
  private final int batch;
  private volatile boolean running = true;

  /** Sends batches over one connection; for one thread. */
  interface Sender extends AutoCloseable {
    /** Sends the reports of these keys and returns when all are acknowledged. */
    void send(List<String> keys) throws IOException;

    @Override
    void close() throws IOException;
  }

  /** Connects a sender. */
  @FunctionalInterface
  interface Connect {
    Sender connect() throws IOException;
  }

  /** A load that has not begun, of so many reports to an acknowledgement. */
  SendingThreads(int batch) {
    this.batch = batch;
  }

  /**
   * One more sender.
   *
   * @param source of its reports, as it is stored
   * @param prefix of their keys, as they are sent
   * @param stored what is stored before that
   */
  SendingThreads with(String source, String prefix, String stored, Connect connect) {
    lanes.add(new Lane(source, prefix, stored, connect));
    return this;
  }

  private final class Lane implements Runnable {
    private final SentReports named;
    private final String stored;
    private final Connect connect;
    private final Thread thread;
    private volatile long acknowledged;

    Lane(String source, String prefix, String stored, Connect connect) {
      this.named = new SentReports(source, prefix, 0);
      this.stored = stored;
      this.connect = connect;
      this.thread = Thread.ofPlatform().name("sender").daemon().unstarted(this);
    }

    @Override
    public void run() {
      try (Sender sender = connect.connect()) {
        while (running) {
          List<String> keys = new ArrayList<>(batch);
          for (int i = 0; i < batch; i++) {
            keys.add(named.key(acknowledged + i));
          }
          long from = System.nanoTime();
          sender.send(keys);
          acknowledged(System.nanoTime() - from);
        }
      } catch (IOException | RuntimeException e) {
        fault(named.source() + ": " + e);
      }
    }

    private void acknowledged(long nanos) {
      long sum = acknowledged + batch;
      acknowledged = sum;
      SendingThreads.this.acknowledged(batch, nanos);
    }

    SentReports sent() {
      return new SentReports(named.source(), stored + named.keyPrefix(), acknowledged);
    }
  }

  @Override
  void start() {
    lanes.forEach(lane -> lane.thread.start());
  }

  @Override
  List<SentReports> stop() throws InterruptedException {
    running = false;
    for (Lane lane : lanes) {
      lane.thread.join(LIMIT_MILLIS);
      if (lane.thread.isAlive()) {
        fault(lane.named.source() + ": no acknowledgement in " + LIMIT_MILLIS + " ms");
      }
    }
    return lanes.stream().map(Lane::sent).toList();
  }
}
