package org.plenum.bench;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.plenum.bench.net.EventLoop;
import org.plenum.bench.net.HttpConnection;

/** Batches of reports over kept-alive connections, one batch in flight on each. */
final class RestReports extends ReportLoad {
  private static final int CONNECTIONS = 8;
  private static final int DIGITS = 12;
  private static final int LIMIT_SECONDS = 60;

  private final EventLoop loop = new EventLoop("reports");
  private final int port;
  private final int batch;
  private final List<Sender> senders = new ArrayList<>();
  private final CountDownLatch ended = new CountDownLatch(CONNECTIONS);

  /**
   * A load that has not begun.
   *
   * @param token of an account that may report for any source
   * @param batch reports of a request; a single one is sent as an object, not as a list
   * @param name of this load, in its sources
   */
  RestReports(int port, String token, int batch, String name) {
    this.port = port;
    this.batch = batch;
    for (int i = 0; i < CONNECTIONS; i++) {
      senders.add(new Sender(token, "bench/rest/" + name + "/" + i));
    }
  }

  /** One connection, with its request as bytes in which the keys are written anew. */
  private final class Sender implements HttpConnection.Answers {
    private final String source;
    private final byte[] request;
    private final int[] keys;
    private final HttpConnection connection;
    private long sent;
    private long acknowledged;
    private boolean stopping;

    Sender(String token, String source) {
      this.source = source;
      this.keys = new int[batch];
      this.request = request(token);
      this.connection = new HttpConnection(this::next, this);
    }

    private byte[] request(String token) {
      ByteArrayOutputStream body = new ByteArrayOutputStream();
      String report = SampleReport.json(source, "0".repeat(DIGITS));
      int key = report.indexOf("0".repeat(DIGITS));
      for (int i = 0; i < batch; i++) {
        if (batch > 1) {
          body.write(i == 0 ? '[' : ',');
        }
        keys[i] = body.size() + key;
        body.writeBytes(report.getBytes(US_ASCII));
      }
      if (batch > 1) {
        body.write(']');
      }
      ByteArrayOutputStream whole = new ByteArrayOutputStream();
      whole.writeBytes(
          String.join(
                  "\r\n",
                  "POST /plenum/api/v1/reports HTTP/1.1",
                  "Host: 127.0.0.1:" + port,
                  "Content-Type: application/json",
                  "Content-Length: " + body.size(),
                  "Authorization: Bearer " + token,
                  "",
                  "")
              .getBytes(US_ASCII));
      for (int i = 0; i < batch; i++) {
        keys[i] += whole.size();
      }
      whole.writeBytes(body.toByteArray());
      return whole.toByteArray();
    }

    private ByteBuffer next() {
      for (int key : keys) {
        long left = sent++;
        for (int digit = DIGITS - 1; digit >= 0; digit--) {
          request[key + digit] = (byte) ('0' + left % 10);
          left /= 10;
        }
      }
      return ByteBuffer.wrap(request);
    }

    void stop() {
      stopping = true;
      connection.stop();
    }

    @Override
    public void answered(int status, int bodyBytes, long nanos) {
      if (status == (batch == 1 ? 202 : 200)) {
        acknowledged += batch;
        acknowledged(batch, nanos);
      } else {
        fault(source + ": status " + status);
      }
    }

    private void acknowledged(int reports, long nanos) {
      RestReports.this.acknowledged(reports, nanos);
    }

    @Override
    public void ended(@Nullable Throwable cause) {
      if (!stopping || cause != null || acknowledged < sent) {
        fault(source + ": the connection ended: " + cause);
      }
      ended.countDown();
    }
  }

  @Override
  void start() {
    senders.forEach(sender -> loop.connect(sender.connection, port));
  }

  @Override
  List<SentReports> stop() throws InterruptedException {
    loop.execute(() -> senders.forEach(Sender::stop));
    if (!ended.await(LIMIT_SECONDS, TimeUnit.SECONDS)) {
      fault(ended.getCount() + " requests without an answer");
    }
    loop.close();
    return senders.stream()
        .map(sender -> new SentReports(sender.source, "", sender.acknowledged))
        .toList();
  }
}
