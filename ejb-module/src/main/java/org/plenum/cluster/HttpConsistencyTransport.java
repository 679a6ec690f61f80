package org.plenum.cluster;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import org.plenum.cluster.api.ClusterConsistencyService;
import org.plenum.platform.NodeExchange;
import org.plenum.reader.api.ConsistencyReport;
import org.plenum.writer.api.WriterIntake;

/** Asks over HTTP, with the secret of the cluster; see {@link ClusterConsistencyService#PATH}. */
final class HttpConsistencyTransport implements ConsistencyTransport, AutoCloseable {
  private final NodeExchange nodes;
  private final String secret;

  HttpConsistencyTransport(String secret, Duration connect, Executor executor) {
    this.nodes = new NodeExchange(connect, executor);
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
    return nodes.send(
        request,
        NodeExchange.atMost(ConsistencyCodec.MAX_BYTES),
        HttpConsistencyTransport::words,
        HttpConsistencyTransport::report);
  }

  private static ConsistencyReport report(byte[] body) {
    return ConsistencyCodec.decode(body)
        .orElseThrow(
            () ->
                new CompletionException(new IOException("answered what this version cannot read")));
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
    nodes.close();
  }
}
