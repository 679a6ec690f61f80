package org.plenum.writer;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import org.plenum.group.api.CommandAnswer;
import org.plenum.group.api.CommandEnvelope;
import org.plenum.writer.api.WriterIntake;

/** Carries commands over HTTP on a connection that is kept; see {@link WriterIntake}. */
final class HttpWriterTransport implements WriterTransport, AutoCloseable {
  private final HttpClient client;
  private final String secret;
  private final Clock clock;

  HttpWriterTransport(String secret, Duration connect, Executor executor, Clock clock) {
    this.client =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(connect)
            .executor(executor)
            .build();
    this.secret = secret;
    this.clock = clock;
  }

  @Override
  public CompletableFuture<List<CommandAnswer>> send(
      String url, List<CommandEnvelope> commands, Duration limit) {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(url + WriterIntake.PATH))
            .timeout(limit)
            .header(WriterIntake.SECRET_HEADER, secret)
            .header("Content-Type", WriterIntake.MEDIA_TYPE)
            .POST(BodyPublishers.ofByteArray(CommandBatchCodec.commands(commands, clock.instant())))
            .build();
    CompletableFuture<HttpResponse<byte[]>> exchange =
        client.sendAsync(request, BodyHandlers.ofByteArray());
    CompletableFuture<List<CommandAnswer>> answers =
        exchange.thenApply(
            response -> {
              if (response.statusCode() != 200) {
                throw new CompletionException(
                    new IOException(url + " answered " + response.statusCode()));
              }
              return CommandBatchCodec.answers(response.body());
            });
    // Whoever gives up waiting frees the connection too.
    var unused =
        answers.whenComplete(
            (done, failure) -> {
              if (answers.isCancelled()) {
                exchange.cancel(true);
              }
            });
    return answers;
  }

  @Override
  public void close() {
    client.shutdownNow();
  }
}
