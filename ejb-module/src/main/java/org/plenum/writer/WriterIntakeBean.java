package org.plenum.writer;

import jakarta.annotation.PostConstruct;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Clock;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.eclipse.microprofile.config.Config;
import org.jspecify.annotations.Nullable;
import org.plenum.group.api.CommandAnswer;
import org.plenum.group.api.CommandEnvelope;
import org.plenum.platform.NodeConfig;
import org.plenum.platform.config.KnownConfig;
import org.plenum.platform.metrics.Meters;
import org.plenum.writer.api.WriterIntake;

/** The leader's side of the way between nodes. It never forwards: who asks looks for the leader. */
@ApplicationScoped
public class WriterIntakeBean implements WriterIntake {
  @Inject private LocalWriter local;
  @Inject private Meters meters;

  private final Clock clock = Clock.systemUTC();
  private byte[] secret = {};
  private Meters.@Nullable Counter taken;

  @PostConstruct
  void start() {
    Config config = KnownConfig.get();
    NodeConfig node = NodeConfig.from(config);
    secret = node.clustered() ? node.secret().getBytes(StandardCharsets.UTF_8) : new byte[0];
    taken = meters.counter("writer_intake_commands", "Commands that came from other nodes");
  }

  @Override
  public boolean open() {
    return secret.length > 0;
  }

  @Override
  public boolean admits(@Nullable String presented) {
    return open()
        && presented != null
        && MessageDigest.isEqual(secret, presented.getBytes(StandardCharsets.UTF_8));
  }

  @Override
  public int maxBytes() {
    return RouterConfig.LARGEST;
  }

  @Override
  public CompletionStage<byte[]> carryOut(byte[] batch) {
    List<CommandEnvelope> commands = CommandBatchCodec.commands(batch, clock.instant());
    if (taken != null) {
      taken.add(commands.size());
    }
    List<CompletableFuture<CommandAnswer>> answers = new BatchIntake(local).submit(commands);
    return CompletableFuture.allOf(answers.toArray(CompletableFuture[]::new))
        .thenApply(
            all ->
                CommandBatchCodec.answers(answers.stream().map(CompletableFuture::join).toList()));
  }
}
