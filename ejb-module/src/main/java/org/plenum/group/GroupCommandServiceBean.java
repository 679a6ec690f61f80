package org.plenum.group;

import jakarta.annotation.PostConstruct;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.plenum.group.api.CommandAnswer;
import org.plenum.group.api.CommandAnswer.Rejected;
import org.plenum.group.api.CommandEnvelope;
import org.plenum.group.api.GroupCommandService;
import org.plenum.group.api.GroupQueryService;
import org.plenum.group.api.ReadPoint;
import org.plenum.platform.config.KnownConfig;
import org.plenum.writer.api.WriterGateway;

/**
 * The shell of the business node for writes (GRP-2, GRP-3): holds no data, so any number of them
 * works side by side. Thread-safe.
 */
@ApplicationScoped
public class GroupCommandServiceBean implements GroupCommandService {
  @Inject private WriterGateway writer;
  @Inject private GroupQueryService queries;

  private @Nullable CommandChecks checks;
  private @Nullable PendingBound pending;

  @PostConstruct
  void start() {
    GroupConfig config = GroupConfig.from(KnownConfig.get());
    checks = new CommandChecks(config);
    pending =
        new PendingBound(
            group -> queries.pendingIn(group, config.maxPending()),
            (account, group) -> queries.membership(account, group, ReadPoint.any()).isPresent(),
            config.maxPending());
  }

  @Override
  public CompletionStage<CommandAnswer> submit(CommandEnvelope envelope) {
    if (checks == null || pending == null) {
      throw new IllegalStateException("not started");
    }
    CommandEnvelope normalised = envelope.with(checks.normalised(envelope.command()));
    Rejected problem = checks.problem(normalised);
    if (problem == null) {
      problem = pending.problem(normalised);
    }
    return problem != null ? CompletableFuture.completedFuture(problem) : writer.submit(normalised);
  }
}
