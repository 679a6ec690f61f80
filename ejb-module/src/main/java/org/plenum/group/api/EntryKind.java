package org.plenum.group.api;

import java.util.HashMap;
import java.util.Map;

/** Kinds of entries in a group's stream. Codes are stored and sent: never change or reuse one. */
public enum EntryKind {
  GROUP_CREATED(1, "group.created"),
  GROUP_CHANGED(2, "group.changed"),
  GROUP_ARCHIVED(3, "group.archived"),
  GROUP_RESTORED(4, "group.restored"),
  GROUP_DISSOLVED(5, "group.dissolved"),
  MEMBER_JOINED(10, "member.joined"),
  MEMBER_LEFT(11, "member.left"),
  MEMBER_REQUESTED(12, "member.requested"),
  REQUEST_DECLINED(13, "request.declined"),
  MEMBER_INVITED(14, "member.invited"),
  INVITATION_DECLINED(15, "invitation.declined"),
  MEMBER_REMOVED(16, "member.removed"),
  MEMBER_BANNED(17, "member.banned"),
  MEMBER_UNBANNED(18, "member.unbanned"),
  MEMBER_MUTED(19, "member.muted"),
  MEMBER_UNMUTED(20, "member.unmuted"),
  ROLE_CHANGED(21, "role.changed"),
  OWNERSHIP_TRANSFERRED(22, "ownership.transferred"),
  MESSAGE_POSTED(30, "message.posted"),
  MESSAGE_EDITED(31, "message.edited"),
  MESSAGE_RECALLED(32, "message.recalled"),
  HISTORY_TRIMMED(40, "history.trimmed"),
  /**
   * A read position moved: in the update log only, no entry of the group's stream (its seq is 0).
   */
  READ_MARKED(50, "read.marked");

  private static final Map<String, EntryKind> BY_WIRE = new HashMap<>();
  private static final EntryKind[] BY_CODE = new EntryKind[64];

  static {
    for (EntryKind kind : values()) {
      BY_WIRE.put(kind.wire, kind);
      BY_CODE[kind.code] = kind;
    }
  }

  private final int code;
  private final String wire;

  EntryKind(int code, String wire) {
    this.code = code;
    this.wire = wire;
  }

  /** The number stored in the database and in the topic's binary form. */
  public int code() {
    return code;
  }

  /** The name in JSON. */
  public String wire() {
    return wire;
  }

  /** The kind with this code. */
  public static EntryKind ofCode(int code) {
    EntryKind kind = code >= 0 && code < BY_CODE.length ? BY_CODE[code] : null;
    if (kind == null) {
      throw new IllegalArgumentException("unknown entry kind " + code);
    }
    return kind;
  }

  /** The kind with this JSON name. */
  public static EntryKind ofWire(String wire) {
    EntryKind kind = BY_WIRE.get(wire);
    if (kind == null) {
      throw new IllegalArgumentException("unknown entry kind " + wire);
    }
    return kind;
  }
}
