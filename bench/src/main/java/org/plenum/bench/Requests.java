package org.plenum.bench;

import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.plenum.bench.net.EventLoop;
import org.plenum.bench.net.HttpConnection;

/** The same GET request again and again over 16 connections, each with one in flight. */
final class Requests {
  private static final int CONNECTIONS = 16;

  private Requests() {}

  /**
   * Measures after three seconds of load.
   *
   * @param port on loopback
   * @param seconds of the measurement, at least 3
   * @return answers with status 200 a second; others are noted in the report
   */
  static double perSecond(int port, String path, @Nullable String token, int seconds, Report report)
      throws InterruptedException {
    AtomicLong answers = new AtomicLong();
    AtomicLong refused = new AtomicLong();
    HttpConnection.Answers counter =
        new HttpConnection.Answers() {
          @Override
          public void answered(int status, int bodyBytes, long nanos) {
            (status == 200 ? answers : refused).incrementAndGet();
          }

          @Override
          public void ended(@Nullable Throwable cause) {
            refused.incrementAndGet();
          }
        };
    try (EventLoop loop = new EventLoop("requests")) {
      for (int i = 0; i < CONNECTIONS; i++) {
        loop.connect(HttpConnection.get(port, path, token, counter), port);
      }
      BenchMain.pass(3);
      long from = answers.get();
      long start = System.nanoTime();
      BenchMain.pass(Math.max(3, seconds));
      double rate = (answers.get() - from) / ((System.nanoTime() - start) / 1e9);
      if (refused.get() > 0) {
        report.note(refused.get() + " refused or broken requests of " + path);
      }
      return rate;
    }
  }
}
