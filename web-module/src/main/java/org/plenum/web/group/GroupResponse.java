package org.plenum.web.group;

import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.plenum.group.api.GroupState;
import org.plenum.group.api.Membership;
import org.plenum.group.api.MyGroup;
import org.plenum.web.api.Times;

/**
 * A group and the caller's relation to it.
 *
 * @param membership null for outsiders
 * @param role null unless an active member
 * @param mutedUntil null unless muted
 * @param readPosition null unless an active member
 * @param unread messages posted after the read position
 */
public record GroupResponse(
    GroupView group,
    @Nullable String membership,
    @Nullable String role,
    @Nullable String mutedUntil,
    PositionView head,
    @Nullable PositionView readPosition,
    long unread) {
  /** A place in a group's stream: sequence, and number of messages posted up to it. */
  public record PositionView(long seq, long no) {}

  /** A group as everybody who may see it sees it. */
  public record GroupView(
      String id,
      String type,
      String name,
      String topic,
      String postingRule,
      int retentionDays,
      @Nullable String key,
      String status,
      long ownerId,
      int memberCount,
      long firstSeq,
      String createdAt) {
    /** The view of a group. */
    public static GroupView of(GroupState state) {
      return new GroupView(
          state.id().toString(),
          state.settings().type().name(),
          state.settings().name(),
          state.settings().topic(),
          state.settings().postingRule().name(),
          state.settings().retentionDays(),
          state.key(),
          state.status().name(),
          state.ownerId(),
          state.memberCount(),
          state.firstSeq(),
          Times.text(state.createdAt()));
    }
  }

  /** The view of a group of the caller. */
  public static GroupResponse of(MyGroup mine) {
    return of(mine.group(), Optional.of(mine.membership()));
  }

  /** The view of a group with the caller's relation to it. */
  public static GroupResponse of(GroupState state, Optional<Membership> relation) {
    PositionView head = new PositionView(state.headSeq(), state.headNo());
    Membership membership = relation.orElse(null);
    if (membership == null) {
      return new GroupResponse(GroupView.of(state), null, null, null, head, null, 0);
    }
    boolean active = membership.active();
    return new GroupResponse(
        GroupView.of(state),
        membership.status().name(),
        active ? membership.role().name() : null,
        Times.textOrNull(membership.mutedUntil()),
        head,
        active ? new PositionView(membership.readSeq(), membership.readNo()) : null,
        active ? Math.max(0, state.headNo() - membership.readNo()) : 0);
  }
}
