package org.plenum.writer;

import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import org.plenum.group.api.CommandAnswer;
import org.plenum.group.api.CommandEnvelope;
import org.plenum.platform.NodeExchange;
import org.plenum.writer.api.WriterIntake;

/** Carries commands over HTTP on a connection that is kept; see {@link WriterIntake}. */
final class HttpWriterTransport implements WriterTransport, AutoCloseable {
  private final NodeExchange nodes;
  private final String secret;
  private final Clock clock;

  HttpWriterTransport(String secret, Duration connect, Executor executor, Clock clock) {
    this.nodes = new NodeExchange(connect, executor);
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
    return nodes.send(
        request,
        BodyHandlers.ofByteArray(),
        status -> url + " answered " + status,
        CommandBatchCodec::answers);
  }

  @Override
  public void close() {
    nodes.close();
  }
}
