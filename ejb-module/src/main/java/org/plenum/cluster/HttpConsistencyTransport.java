package org.plenum.cluster;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandler;
import java.net.http.HttpResponse.BodySubscribers;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import org.plenum.cluster.api.ClusterConsistencyService;
import org.plenum.reader.api.ConsistencyReport;
import org.plenum.writer.api.WriterIntake;

/** Asks over HTTP, with the secret of the cluster; see {@link ClusterConsistencyService#PATH}. */
final class HttpConsistencyTransport implements ConsistencyTransport, AutoCloseable {
  private final HttpClient client;
  private final String secret;

  HttpConsistencyTransport(String secret, Duration connect, Executor executor) {
    this.client =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(connect)
            .executor(executor)
            .build();
    this.secret = secret;
  }

  @Override
  public CompletableFuture<ConsistencyReport> ask(String url, int sample, Duration limit) {
    HttpRequest request =
        HttpRequest.newBuilder(
                URI.create(
                    url
                        + ClusterConsistencyService.PATH
                        + "?sample="
                        + sample
                        + "&millis="
                        + limit.toMillis()))
            .header(WriterIntake.SECRET_HEADER, secret)
            .POST(BodyPublishers.noBody())
            .build();
    CompletableFuture<HttpResponse<byte[]>> exchange = client.sendAsync(request, bounded());
    CompletableFuture<ConsistencyReport> report =
        exchange.thenApply(
            response -> {
              if (response.statusCode() != 200) {
                throw new CompletionException(new IOException(words(response.statusCode())));
              }
              return ConsistencyCodec.decode(response.body())
                  .orElseThrow(
                      () ->
                          new CompletionException(
                              new IOException("answered what this version cannot read")));
            });
    // Whoever gives up waiting frees the connection too.
    var unused =
        report.whenComplete(
            (done, failure) -> {
              if (report.isCancelled()) {
                exchange.cancel(true);
              }
            });
    return report;
  }

  private static BodyHandler<byte[]> bounded() {
    return head ->
        head.headers().firstValueAsLong("Content-Length").orElse(Long.MAX_VALUE)
                <= ConsistencyCodec.MAX_BYTES
            ? BodySubscribers.ofByteArray()
            : BodySubscribers.replacing(new byte[0]);
  }

  private static String words(int status) {
    return switch (status) {
      case 404 -> "answered 404: an older version, or a node that takes itself for alone";
      case 403 -> "answered 403: it has another secret";
      case 429 -> "it makes another report";
      case 503 -> "the database does not answer it";
      default -> "answered " + status;
    };
  }

  @Override
  public void close() {
    client.shutdownNow();
  }
}
