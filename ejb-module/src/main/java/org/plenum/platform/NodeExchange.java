package org.plenum.platform;

import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandler;
import java.net.http.HttpResponse.BodySubscribers;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.function.Function;
import java.util.function.IntFunction;

/**
 * Requests to another node over HTTP/1.1, on connections that are kept. Whoever gives up waiting
 * cancels the answer, which frees the connection too. Thread-safe.
 */
public final class NodeExchange implements AutoCloseable {
  private final HttpClient client;

  /**
   * Exchanges.
   *
   * @param connect how long a connection may take
   * @param executor runs what the client does on its own
   */
  public NodeExchange(Duration connect, Executor executor) {
    client =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(connect)
            .executor(executor)
            .build();
  }

  /**
   * What is read of the body of an answer 200.
   *
   * @param body how it is received
   * @param words what another status means; the message of the IOException with which the answer
   *     ends then
   */
  public <T> CompletableFuture<T> send(
      HttpRequest request,
      BodyHandler<byte[]> body,
      IntFunction<String> words,
      Function<byte[], T> read) {
    CompletableFuture<HttpResponse<byte[]>> exchange = client.sendAsync(request, body);
    CompletableFuture<T> answer =
        exchange.thenApply(
            response -> {
              if (response.statusCode() != 200) {
                throw new CompletionException(new IOException(words.apply(response.statusCode())));
              }
              return read.apply(response.body());
            });
    var unused =
        answer.whenComplete(
            (done, failure) -> {
              if (answer.isCancelled()) {
                exchange.cancel(true);
              }
            });
    return answer;
  }

  /** A body of so many bytes at most, by what its head says; a larger one counts as empty. */
  public static BodyHandler<byte[]> atMost(int bytes) {
    return head ->
        head.headers().firstValueAsLong("Content-Length").orElse(Long.MAX_VALUE) <= bytes
            ? BodySubscribers.ofByteArray()
            : BodySubscribers.replacing(new byte[0]);
  }

  /** Ends every exchange. */
  @Override
  public void close() {
    client.shutdownNow();
  }
}
