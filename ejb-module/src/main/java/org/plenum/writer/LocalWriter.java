package org.plenum.writer;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Typed;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.plenum.group.api.CommandAnswer;
import org.plenum.group.api.CommandAnswer.Rejected;
import org.plenum.group.api.CommandEnvelope;
import org.plenum.platform.ErrorCode;

/**
 * The gateway to the writer of this very node: a bean of its own, so that a command costs no
 * container call.
 */
@ApplicationScoped
@Typed(LocalWriter.class)
public class LocalWriter implements LeadingWriter {
  private static final Duration RETRY = Duration.ofSeconds(1);

  private volatile @Nullable WriterLoop loop;

  void attach(@Nullable WriterLoop started) {
    loop = started;
  }

  @Override
  public CompletionStage<CommandAnswer> submit(CommandEnvelope envelope) {
    return submit(envelope, generation());
  }

  @Override
  public CompletionStage<CommandAnswer> submit(CommandEnvelope envelope, long generation) {
    WriterLoop current = loop;
    if (current == null) {
      return CompletableFuture.completedFuture(
          new Rejected(ErrorCode.WRITER_UNAVAILABLE, "the writer is not started here", RETRY));
    }
    return current.submit(envelope, generation);
  }

  @Override
  public long epoch() {
    WriterLoop current = loop;
    return current == null ? 0 : current.epoch();
  }

  @Override
  public long generation() {
    WriterLoop current = loop;
    return current == null ? 0 : current.generation();
  }

  /** Whether the writer's thread works, leading or not. */
  public boolean alive() {
    WriterLoop current = loop;
    return current != null && current.alive();
  }

  /** Commands that wait. */
  public int depth() {
    WriterLoop current = loop;
    return current == null ? 0 : current.depth();
  }
}
