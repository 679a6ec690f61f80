package org.plenum.group;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.plenum.group.api.Actor;
import org.plenum.group.api.CommandAnswer.Rejected;
import org.plenum.group.api.CommandEnvelope;
import org.plenum.group.api.Durability;
import org.plenum.group.api.GroupCommand;
import org.plenum.group.api.GroupCommand.InviteMember;
import org.plenum.group.api.GroupCommand.JoinGroup;
import org.plenum.group.api.GroupCommand.RequestToJoin;
import org.plenum.group.api.GroupId;
import org.plenum.platform.ErrorCode;
import org.plenum.platform.ServiceException;

class PendingBoundTest {
  private static final Actor ADA = new Actor(1, "Ada Lovelace");
  private static final Actor GRACE = new Actor(2, "Grace Hopper");
  private static final GroupId GROUP = new GroupId(new UUID(1, 2));
  private static final int MAX = 3;

  private static @Nullable Rejected problem(int waiting, Set<Long> related, GroupCommand command) {
    return new PendingBound(group -> waiting, (account, group) -> related.contains(account), MAX)
        .problem(envelope(command));
  }

  private static CommandEnvelope envelope(GroupCommand command) {
    return new CommandEnvelope(
        new UUID(3, 4), GROUP, ADA, false, command, Durability.DISK, Instant.EPOCH);
  }

  private static void assertFull(@Nullable Rejected problem) {
    assertThat(problem).isNotNull();
    assertThat(problem.code()).isEqualTo(ErrorCode.TOO_MANY_PENDING);
  }

  @Test
  void invitationsAndRequestsPassBelowTheBound() {
    assertThat(problem(MAX - 1, Set.of(), new RequestToJoin())).isNull();
    assertThat(problem(MAX - 1, Set.of(), new InviteMember(GRACE))).isNull();
  }

  @Test
  void invitationsAndRequestsAreRefusedAtTheBound() {
    assertFull(problem(MAX, Set.of(), new RequestToJoin()));
    assertFull(problem(MAX, Set.of(ADA.id()), new InviteMember(GRACE)));
  }

  @Test
  void whoWaitsAlreadyPassesSoThatAReplayIsAnsweredAsTheFirstTime() {
    assertThat(problem(MAX, Set.of(ADA.id()), new RequestToJoin())).isNull();
    assertThat(problem(MAX, Set.of(GRACE.id()), new InviteMember(GRACE))).isNull();
  }

  @Test
  void otherCommandsAreNotCounted() {
    PendingBound bound =
        new PendingBound(
            group -> {
              throw new AssertionError("counted");
            },
            (account, group) -> false,
            MAX);
    assertThat(bound.problem(envelope(new JoinGroup()))).isNull();
  }

  @Test
  void aDatabaseThatIsAwayIsSaidSo() {
    PendingBound bound =
        new PendingBound(
            group -> {
              throw new ServiceException(
                  ErrorCode.READ_UNAVAILABLE, "away", Duration.ofSeconds(2), null);
            },
            (account, group) -> false,
            MAX);
    Rejected problem = bound.problem(envelope(new RequestToJoin()));
    assertThat(problem).isNotNull();
    assertThat(problem.code()).isEqualTo(ErrorCode.READ_UNAVAILABLE);
    assertThat(problem.retryAfter()).isEqualTo(Duration.ofSeconds(2));
  }
}
