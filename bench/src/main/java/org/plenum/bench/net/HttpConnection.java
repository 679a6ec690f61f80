package org.plenum.bench.net;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Locale;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Sends one request after another over one kept-alive connection, each when the last is answered.
 */
public final class HttpConnection extends Connection {
  /** Told of every answer, on the loop's thread. */
  public interface Answers {
    /** A whole answer arrived. */
    void answered(int status, int bodyBytes, long nanos);

    /** The connection ended. */
    void ended(@Nullable Throwable cause);
  }

  private final Supplier<ByteBuffer> requests;
  private final Answers answers;
  private long sentAt;
  private boolean stopped;

  /**
   * A connection that starts at once.
   *
   * @param requests gives the next whole request, on the loop's thread; what it gave before has
   *     been answered by then
   */
  public HttpConnection(Supplier<ByteBuffer> requests, Answers answers) {
    this.requests = requests;
    this.answers = answers;
  }

  /** The same GET again and again; a null token sends none. */
  public static HttpConnection get(int port, String path, @Nullable String token, Answers answers) {
    String authorization = token == null ? "X-Anonymous: 1" : "Authorization: Bearer " + token;
    byte[] request =
        String.join(
                "\r\n",
                "GET " + path + " HTTP/1.1",
                "Host: 127.0.0.1:" + port,
                "Accept: application/json",
                authorization,
                "",
                "")
            .getBytes(ISO_8859_1);
    return new HttpConnection(() -> ByteBuffer.wrap(request), answers);
  }

  /** Sends no further request, and ends when the last is answered; on the loop's thread. */
  public void stop() {
    stopped = true;
  }

  @Override
  protected void connected() {
    next();
  }

  private void next() {
    if (stopped) {
      fail(null);
      return;
    }
    sentAt = System.nanoTime();
    send(requests.get());
  }

  @Override
  protected int received(byte[] bytes, int from, int to) throws IOException {
    int body = WebSocketConnection.endOfHeaders(bytes, from, to);
    if (body < 0) {
      return from;
    }
    String head = new String(bytes, from, body - from, ISO_8859_1);
    String lower = head.toLowerCase(Locale.ROOT);
    int end =
        lower.contains("transfer-encoding: chunked")
            ? endOfChunks(bytes, body, to)
            : body + contentLength(lower);
    if (end < 0 || end > to) {
      return from;
    }
    answers.answered(
        Integer.parseInt(head.substring(9, 12)), end - body, System.nanoTime() - sentAt);
    next();
    return end;
  }

  private static int contentLength(String head) throws IOException {
    int at = head.indexOf("content-length: ");
    if (at < 0) {
      throw new IOException("an answer without a length: " + head);
    }
    return Integer.parseInt(head.substring(at + 16, head.indexOf('\r', at)).strip());
  }

  private static int endOfChunks(byte[] bytes, int from, int to) {
    int at = from;
    while (true) {
      int lineEnd = at;
      while (lineEnd < to && bytes[lineEnd] != '\n') {
        lineEnd++;
      }
      if (lineEnd >= to) {
        return -1;
      }
      int size = Integer.parseInt(new String(bytes, at, lineEnd - at, ISO_8859_1).strip(), 16);
      at = lineEnd + 1 + size + 2;
      if (at > to) {
        return -1;
      }
      if (size == 0) {
        return at;
      }
    }
  }

  @Override
  protected void ended(@Nullable Throwable cause) {
    answers.ended(cause);
  }
}
