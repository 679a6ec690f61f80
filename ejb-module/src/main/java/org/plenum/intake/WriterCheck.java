package org.plenum.intake;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import org.plenum.group.api.Actor;
import org.plenum.group.api.CommandAnswer;
import org.plenum.group.api.CommandEnvelope;
import org.plenum.group.api.Durability;
import org.plenum.group.api.GroupCommand;
import org.plenum.group.api.GroupCommandService;
import org.plenum.group.api.GroupId;
import org.plenum.platform.ErrorCode;
import org.plenum.platform.Ids;

/**
 * Whether the writer works at this moment: asks it for a post to a group that cannot exist, which
 * goes the whole way of a command, writes nothing, and is refused by a writer that is well.
 * Thread-safe; blocks for at most the time-out.
 */
final class WriterCheck implements BooleanSupplier {
  private static final Actor NOBODY = new Actor(Long.MAX_VALUE, "intake");

  private final GroupCommandService commands;
  private final Clock clock;
  private final Duration timeout;

  WriterCheck(GroupCommandService commands, Clock clock, Duration timeout) {
    this.commands = commands;
    this.clock = clock;
    this.timeout = timeout;
  }

  @Override
  public boolean getAsBoolean() {
    Instant deadline = clock.instant().plus(timeout);
    CommandEnvelope question =
        new CommandEnvelope(
            Ids.newId(clock),
            new GroupId(Ids.newId(clock)),
            NOBODY,
            true,
            new GroupCommand.PostMessage("?", null),
            Durability.DISK,
            deadline);
    try {
      CommandAnswer answer =
          commands
              .submit(question)
              .toCompletableFuture()
              .get(timeout.toMillis(), TimeUnit.MILLISECONDS);
      return answer instanceof CommandAnswer.Rejected no && no.code() == ErrorCode.GROUP_NOT_FOUND;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    } catch (ExecutionException | TimeoutException e) {
      return false;
    }
  }
}
