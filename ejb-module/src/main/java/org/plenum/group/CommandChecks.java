package org.plenum.group;

import java.time.Instant;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.plenum.group.api.Actor;
import org.plenum.group.api.CommandAnswer.Rejected;
import org.plenum.group.api.CommandEnvelope;
import org.plenum.group.api.GroupCommand;
import org.plenum.group.api.GroupCommand.AcceptInvitation;
import org.plenum.group.api.GroupCommand.AddMember;
import org.plenum.group.api.GroupCommand.ApproveRequest;
import org.plenum.group.api.GroupCommand.ArchiveGroup;
import org.plenum.group.api.GroupCommand.BanMember;
import org.plenum.group.api.GroupCommand.ChangeGroup;
import org.plenum.group.api.GroupCommand.ChangeRole;
import org.plenum.group.api.GroupCommand.CreateGroup;
import org.plenum.group.api.GroupCommand.DeclineInvitation;
import org.plenum.group.api.GroupCommand.DeclineRequest;
import org.plenum.group.api.GroupCommand.DissolveGroup;
import org.plenum.group.api.GroupCommand.EditMessage;
import org.plenum.group.api.GroupCommand.InviteMember;
import org.plenum.group.api.GroupCommand.JoinGroup;
import org.plenum.group.api.GroupCommand.LeaveGroup;
import org.plenum.group.api.GroupCommand.MarkRead;
import org.plenum.group.api.GroupCommand.MuteMember;
import org.plenum.group.api.GroupCommand.PostMessage;
import org.plenum.group.api.GroupCommand.RecallMessage;
import org.plenum.group.api.GroupCommand.RemoveMember;
import org.plenum.group.api.GroupCommand.RequestToJoin;
import org.plenum.group.api.GroupCommand.RestoreGroup;
import org.plenum.group.api.GroupCommand.TransferOwnership;
import org.plenum.group.api.GroupCommand.UnbanMember;
import org.plenum.group.api.GroupCommand.UnmuteMember;
import org.plenum.platform.ErrorCode;

/**
 * The shape of commands: lengths, characters, ranges; everything that can be refused without
 * knowing the group. Lengths of names and topics count code points. Thread-safe.
 */
public final class CommandChecks {
  /** Code points of a group's name. */
  public static final int MAX_NAME = 80;

  /** Code points of a group's topic. */
  public static final int MAX_TOPIC = 500;

  /** Days that a group may keep its messages, about a century. */
  public static final int MAX_RETENTION_DAYS = 36_500;

  private static final int MAX_ACTOR_NAME = 200;
  private static final Pattern KEY = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._:/-]{0,99}");
  private static final Instant END_OF_TIME = Instant.parse("9999-12-31T23:59:59.999Z");

  private final GroupConfig config;

  /** Checks under this configuration. */
  public CommandChecks(GroupConfig config) {
    this.config = config;
  }

  /** The command with surrounding white space taken from names and topics. */
  public GroupCommand normalised(GroupCommand command) {
    return switch (command) {
      case CreateGroup create ->
          new CreateGroup(
              create.type(),
              create.name().strip(),
              create.topic().strip(),
              create.postingRule(),
              create.retentionDays(),
              create.key(),
              create.members());
      case ChangeGroup change ->
          new ChangeGroup(
              change.name() == null ? null : change.name().strip(),
              change.topic() == null ? null : change.topic().strip(),
              change.postingRule(),
              change.retentionDays());
      default -> command;
    };
  }

  /** What is wrong with a normalised command, or null. */
  public @Nullable Rejected problem(CommandEnvelope envelope) {
    Rejected problem = actor(envelope.actor());
    return problem != null ? problem : command(envelope.command());
  }

  private @Nullable Rejected command(GroupCommand command) {
    return switch (command) {
      case PostMessage post -> {
        Rejected problem = text(post.text());
        yield problem == null && post.replyTo() != null ? sequence(post.replyTo()) : problem;
      }
      case EditMessage edit -> first(sequence(edit.target()), text(edit.text()));
      case RecallMessage recall -> sequence(recall.target());
      case MarkRead mark -> mark.seq() < 0 ? invalid("seq must not be negative") : null;
      case CreateGroup create -> create(create);
      case ChangeGroup change -> change(change);
      case ApproveRequest c -> actor(c.subject());
      case DeclineRequest c -> actor(c.subject());
      case InviteMember c -> actor(c.subject());
      case DeclineInvitation c -> actor(c.subject());
      case AddMember c -> actor(c.subject());
      case RemoveMember c -> actor(c.subject());
      case BanMember c -> actor(c.subject());
      case UnbanMember c -> actor(c.subject());
      case UnmuteMember c -> actor(c.subject());
      case ChangeRole c -> actor(c.subject());
      case TransferOwnership c -> actor(c.subject());
      case MuteMember c ->
          c.until().isAfter(END_OF_TIME)
              ? invalid("until is too far in the future")
              : actor(c.subject());
      case ArchiveGroup ignored -> null;
      case RestoreGroup ignored -> null;
      case DissolveGroup ignored -> null;
      case JoinGroup ignored -> null;
      case LeaveGroup ignored -> null;
      case RequestToJoin ignored -> null;
      case AcceptInvitation ignored -> null;
    };
  }

  private @Nullable Rejected create(CreateGroup create) {
    Rejected problem = first(name(create.name()), topic(create.topic()));
    problem = first(problem, retention(create.retentionDays()));
    if (problem == null && create.key() != null && !KEY.matcher(create.key()).matches()) {
      problem = invalid("key must match " + KEY.pattern());
    }
    if (problem == null && create.members().size() > config.maxInitialMembers()) {
      problem = invalid("at most " + config.maxInitialMembers() + " members at creation");
    }
    for (Actor member : create.members()) {
      problem = first(problem, actor(member));
    }
    return problem;
  }

  private static @Nullable Rejected change(ChangeGroup change) {
    Rejected problem = change.name() == null ? null : name(change.name());
    if (problem == null && change.topic() != null) {
      problem = topic(change.topic());
    }
    if (problem == null && change.retentionDays() != null) {
      problem = retention(change.retentionDays());
    }
    return problem;
  }

  private static @Nullable Rejected name(String name) {
    int length = name.codePointCount(0, name.length());
    return length < 1 || length > MAX_NAME
        ? invalid("name must have 1 to " + MAX_NAME + " characters")
        : line(name, "name");
  }

  private static @Nullable Rejected topic(String topic) {
    return topic.codePointCount(0, topic.length()) > MAX_TOPIC
        ? invalid("topic must have at most " + MAX_TOPIC + " characters")
        : line(topic, "topic");
  }

  private static @Nullable Rejected retention(int days) {
    return days < 0 || days > MAX_RETENTION_DAYS
        ? invalid("retentionDays must be from 0 to " + MAX_RETENTION_DAYS)
        : null;
  }

  private static @Nullable Rejected sequence(long seq) {
    return seq < 1 ? invalid("a sequence starts at 1") : null;
  }

  private static @Nullable Rejected actor(Actor actor) {
    if (actor.name().length() > MAX_ACTOR_NAME) {
      return invalid("the name of account " + actor.id() + " is too long");
    }
    return utf8Length(actor.name()) < 0
        ? new Rejected(ErrorCode.INVALID_UTF8, "the name of account " + actor.id())
        : null;
  }

  private @Nullable Rejected text(String text) {
    int length = utf8Length(text);
    if (length < 0) {
      return new Rejected(ErrorCode.INVALID_UTF8, "text has half of a surrogate pair");
    }
    if (length > config.maxMessageBytes()) {
      return new Rejected(
          ErrorCode.PAYLOAD_TOO_LARGE,
          "text has " + length + " bytes, at most " + config.maxMessageBytes() + " are taken");
    }
    return text.isBlank() ? invalid("text must not be blank") : null;
  }

  /** Refuses what has no place in one line of text. */
  private static @Nullable Rejected line(String text, String field) {
    for (int i = 0; i < text.length(); ) {
      int codePoint = text.codePointAt(i);
      switch (Character.getType(codePoint)) {
        case Character.SURROGATE -> {
          return new Rejected(ErrorCode.INVALID_UTF8, field + " has half of a surrogate pair");
        }
        case Character.CONTROL, Character.LINE_SEPARATOR, Character.PARAGRAPH_SEPARATOR -> {
          return invalid(field + " must not have control characters");
        }
        default -> i += Character.charCount(codePoint);
      }
    }
    return null;
  }

  /** Bytes of the text in UTF-8, or -1 when it has half of a surrogate pair. */
  private static int utf8Length(String text) {
    int length = 0;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c < 0x80) {
        length += 1;
      } else if (c < 0x800) {
        length += 2;
      } else if (!Character.isSurrogate(c)) {
        length += 3;
      } else if (Character.isHighSurrogate(c)
          && i + 1 < text.length()
          && Character.isLowSurrogate(text.charAt(i + 1))) {
        length += 4;
        i++;
      } else {
        return -1;
      }
    }
    return length;
  }

  private static Rejected invalid(String detail) {
    return new Rejected(ErrorCode.INVALID_VALUE, detail);
  }

  private static @Nullable Rejected first(@Nullable Rejected one, @Nullable Rejected two) {
    return one != null ? one : two;
  }
}
