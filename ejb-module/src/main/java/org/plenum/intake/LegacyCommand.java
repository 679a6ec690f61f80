package org.plenum.intake;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.plenum.group.api.Durability;
import org.plenum.group.api.GroupId;
import org.plenum.group.api.GroupType;
import org.plenum.group.api.PostingRule;

/** A message of the command queue, version 1 of its contract. Accounts are given by name. */
public sealed interface LegacyCommand {
  /** Identifies the command for ever; null when the JMSMessageID does. */
  @Nullable String businessKey();

  /** Who acts. */
  String from();

  /** What its acknowledgement means. */
  Durability durability();

  /** The command's name in the contract. */
  default String name() {
    return switch (this) {
      case CreateGroup create -> "createGroup";
      case AddMember add -> "addMember";
      case RemoveMember remove -> "removeMember";
      case Post post -> "post";
    };
  }

  /**
   * A group by exactly one of its names.
   *
   * @param id its id
   * @param key its key
   */
  record Target(@Nullable GroupId id, @Nullable String key) {}

  /** A command in a group that exists. */
  sealed interface InGroup extends LegacyCommand {
    /** The group. */
    Target group();
  }

  /** Creates a group; the owner acts. */
  record CreateGroup(
      @Nullable String businessKey,
      String from,
      @Nullable String key,
      String groupName,
      GroupType type,
      String topic,
      PostingRule postingRule,
      int retentionDays,
      List<String> members,
      Durability durability)
      implements LegacyCommand {
    public CreateGroup {
      members = List.copyOf(members);
    }
  }

  /** Makes an account a member at once. */
  record AddMember(
      @Nullable String businessKey, String from, Target group, String member, Durability durability)
      implements InGroup {}

  /** Ends a membership. */
  record RemoveMember(
      @Nullable String businessKey, String from, Target group, String member, Durability durability)
      implements InGroup {}

  /** Posts a message. */
  record Post(
      @Nullable String businessKey,
      String from,
      Target group,
      String text,
      @Nullable Long replyTo,
      Durability durability)
      implements InGroup {}
}
