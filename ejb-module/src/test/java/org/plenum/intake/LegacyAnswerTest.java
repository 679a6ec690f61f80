package org.plenum.intake;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.plenum.group.api.CommandAnswer;
import org.plenum.group.api.Durability;
import org.plenum.group.api.GroupId;
import org.plenum.platform.ErrorCode;

class LegacyAnswerTest {
  private static final LegacyMessage MESSAGE = new LegacyMessage("ID:1", "TextMessage", "", 1);
  private static final LegacyCommand COMMAND =
      new LegacyCommand.Post(
          "ERP-1", "erp", new LegacyCommand.Target(null, "k"), "x", null, Durability.DISK);

  @Test
  void anAcceptanceNamesTheEntry() {
    assertThat(
            LegacyAnswer.json(
                new LegacyOutcome.Applied(
                    MESSAGE,
                    COMMAND,
                    new CommandAnswer.Accepted(
                        new GroupId(UUID.fromString("0192f3a4-b5c6-7d8e-8f90-a1b2c3d4e5f6")),
                        57,
                        31,
                        99,
                        Instant.EPOCH,
                        true))))
        .isEqualTo(
            "{\"version\":1,\"businessKey\":\"ERP-1\",\"accepted\":true,"
                + "\"group\":\"0192f3a4-b5c6-7d8e-8f90-a1b2c3d4e5f6\",\"seq\":57,\"replayed\":true}");
  }

  @Test
  void aRefusalNamesItsReason() {
    assertThat(
            LegacyAnswer.json(
                new LegacyOutcome.Refused(MESSAGE, null, ErrorCode.INVALID_VALUE, "not \"so\"")))
        .isEqualTo(
            "{\"version\":1,\"accepted\":false,\"code\":\"INVALID_VALUE\",\"detail\":\"not \\\"so\\\"\"}");
  }
}
