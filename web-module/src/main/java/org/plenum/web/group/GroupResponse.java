package org.plenum.web.group;

import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.plenum.group.api.GroupState;
import org.plenum.group.api.Latest;
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
    HeadView head,
    @Nullable PositionView readPosition,
    long unread) {
  /** A place in a group's stream: sequence, and number of messages posted up to it. */
  public record PositionView(long seq, long no) {}

  /**
   * The end of a group's stream.
   *
   * @param at when the last entry was written; in lists of the caller's own groups only
   * @param preview the last message, with its text cut; in lists of the caller's own groups only
   */
  public record HeadView(long seq, long no, @Nullable String at, @Nullable PreviewView preview) {
    static HeadView of(GroupState state, @Nullable Latest latest) {
      return new HeadView(
          state.headSeq(),
          state.headNo(),
          latest == null ? null : Times.text(latest.at()),
          latest == null || latest.message() == null ? null : PreviewView.of(latest.message()));
    }
  }

  /**
   * A message in short.
   *
   * @param text at most 140 characters; absent after a recall
   */
  public record PreviewView(long seq, AuthorView by, @Nullable String text) {
    static PreviewView of(Latest.Message message) {
      return new PreviewView(
          message.seq(), new AuthorView(message.by().id(), message.by().name()), message.text());
    }
  }

  /** Who wrote a message. */
  public record AuthorView(long id, String name) {}

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
    return of(mine.group(), mine.membership(), mine.latest());
  }

  /** The view of a group with the caller's relation to it. */
  public static GroupResponse of(GroupState state, Optional<Membership> relation) {
    return of(state, relation.orElse(null), null);
  }

  private static GroupResponse of(
      GroupState state, @Nullable Membership membership, @Nullable Latest latest) {
    HeadView head = HeadView.of(state, latest);
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
