package org.plenum.web.push;

import org.plenum.group.api.EntryKind;
import org.plenum.update.Update;

/** What an entry of a group's stream says about one account's membership. */
final class MembershipNews {
  private MembershipNews() {}

  /** The account whose membership the entry is about. */
  static long subjectOf(Update update) {
    return update.subjectId() == 0 ? update.actorId() : update.subjectId();
  }

  /** The news for that account. */
  static Frame frame(Update update) {
    return ServerMessages.membership(update.group(), change(update.kind()), update.seq());
  }

  private static String change(EntryKind kind) {
    return switch (kind) {
      case MEMBER_JOINED, GROUP_CREATED -> "joined";
      case MEMBER_LEFT -> "left";
      case MEMBER_REMOVED -> "removed";
      case MEMBER_BANNED -> "banned";
      case MEMBER_UNBANNED -> "unbanned";
      case MEMBER_REQUESTED -> "requested";
      case REQUEST_DECLINED -> "declined";
      case MEMBER_INVITED -> "invited";
      case INVITATION_DECLINED -> "uninvited";
      default -> throw new IllegalArgumentException("no membership kind: " + kind);
    };
  }
}
