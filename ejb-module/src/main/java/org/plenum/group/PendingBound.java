package org.plenum.group;

import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;
import org.plenum.group.api.CommandAnswer.Rejected;
import org.plenum.group.api.CommandEnvelope;
import org.plenum.group.api.GroupCommand.InviteMember;
import org.plenum.group.api.GroupCommand.RequestToJoin;
import org.plenum.group.api.GroupId;
import org.plenum.platform.ErrorCode;
import org.plenum.platform.ServiceException;

/**
 * Keeps the invitations and requests to join of one group bounded (GRP-2): anybody may ask, and
 * every member of a public group may invite, so nothing else would. Counted before the command is
 * sent to the writer; commands under way at the same moment may exceed the bound by their number.
 *
 * <p>Who is invited or has asked already is let through: the command may be the replay of the one
 * that did it, and only the writer knows. Thread-safe.
 */
final class PendingBound {
  /** Whether an account has a relation to a group. */
  interface Related {
    boolean test(long account, GroupId group);
  }

  private final ToIntFunction<GroupId> pending;
  private final Related related;
  private final int max;

  /**
   * A bound.
   *
   * @param pending counts what waits in a group; counting may stop at the bound
   */
  PendingBound(ToIntFunction<GroupId> pending, Related related, int max) {
    this.pending = pending;
    this.related = related;
    this.max = max;
  }

  /** Why the command is refused, or null. Reads the database for invitations and requests. */
  @Nullable Rejected problem(CommandEnvelope envelope) {
    long subject;
    switch (envelope.command()) {
      case RequestToJoin ignored -> subject = envelope.actor().id();
      case InviteMember invite -> subject = invite.subject().id();
      default -> {
        return null;
      }
    }
    try {
      if (pending.applyAsInt(envelope.group()) < max || related.test(subject, envelope.group())) {
        return null;
      }
    } catch (ServiceException e) {
      return new Rejected(e.code(), e.detail(), e.retryAfter());
    }
    return new Rejected(
        ErrorCode.TOO_MANY_PENDING,
        max + " invitations and requests to join wait for an answer: settle some first");
  }
}
