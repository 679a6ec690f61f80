package org.plenum.group.api;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.plenum.group.api.GroupCommand.ChangeGroup;
import org.plenum.platform.CorrelationId;

class CommandEnvelopeTest {
  private final CommandEnvelope envelope =
      new CommandEnvelope(
          new UUID(1, 2),
          new GroupId(new UUID(3, 4)),
          new Actor(1, "Ada Lovelace"),
          true,
          new ChangeGroup(" a ", null, null, null),
          Durability.DISK,
          Instant.parse("2026-11-24T12:00:00Z"),
          "of-the-request");

  @Test
  void anotherFormOfTheCommandKeepsTheCorrelationWhateverThreadMakesIt() {
    ChangeGroup trimmed = new ChangeGroup("a", null, null, null);
    CommandEnvelope other = CorrelationId.during("of-the-thread", () -> envelope.with(trimmed));
    assertThat(other)
        .isEqualTo(
            new CommandEnvelope(
                envelope.clientId(),
                envelope.group(),
                envelope.actor(),
                envelope.privileged(),
                trimmed,
                envelope.durability(),
                envelope.deadline(),
                "of-the-request"));
  }

  @Test
  void theSameCommandIsTheSameEnvelope() {
    assertThat(envelope.with(envelope.command())).isSameAs(envelope);
  }
}
