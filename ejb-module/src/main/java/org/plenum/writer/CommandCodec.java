package org.plenum.writer;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.plenum.group.api.Actor;
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
import org.plenum.group.api.GroupType;
import org.plenum.group.api.PostingRule;
import org.plenum.group.api.Role;

/**
 * One command within {@link CommandBatchCodec}: a byte that names it, then its values in the order
 * of the record; names of enumerations as text. Numbers are never used again for another command.
 */
final class CommandCodec {
  private static final int MAX_MEMBERS = 100_000;

  private CommandCodec() {}

  static void write(DataOutputStream out, GroupCommand command) throws IOException {
    out.writeByte(code(command));
    switch (command) {
      case CreateGroup c -> writeCreation(out, c);
      case ChangeGroup c -> {
        CommandBatchCodec.write(out, c.name());
        CommandBatchCodec.write(out, c.topic());
        CommandBatchCodec.write(out, c.postingRule() == null ? null : c.postingRule().name());
        writeNumber(out, c.retentionDays() == null ? null : c.retentionDays().longValue());
      }
      case PostMessage c -> {
        CommandBatchCodec.write(out, c.text());
        writeNumber(out, c.replyTo());
      }
      case EditMessage c -> {
        out.writeLong(c.target());
        CommandBatchCodec.write(out, c.text());
      }
      case RecallMessage c -> out.writeLong(c.target());
      case MarkRead c -> out.writeLong(c.seq());
      case MuteMember c -> {
        CommandBatchCodec.write(out, c.subject());
        Instant until = c.until();
        out.writeLong(until.getEpochSecond());
        out.writeInt(until.getNano());
      }
      case ChangeRole c -> {
        CommandBatchCodec.write(out, c.subject());
        CommandBatchCodec.write(out, c.role().name());
      }
      case ApproveRequest c -> CommandBatchCodec.write(out, c.subject());
      case DeclineRequest c -> CommandBatchCodec.write(out, c.subject());
      case InviteMember c -> CommandBatchCodec.write(out, c.subject());
      case DeclineInvitation c -> CommandBatchCodec.write(out, c.subject());
      case AddMember c -> CommandBatchCodec.write(out, c.subject());
      case RemoveMember c -> CommandBatchCodec.write(out, c.subject());
      case BanMember c -> CommandBatchCodec.write(out, c.subject());
      case UnbanMember c -> CommandBatchCodec.write(out, c.subject());
      case UnmuteMember c -> CommandBatchCodec.write(out, c.subject());
      case TransferOwnership c -> CommandBatchCodec.write(out, c.subject());
      case ArchiveGroup c -> {}
      case RestoreGroup c -> {}
      case DissolveGroup c -> {}
      case JoinGroup c -> {}
      case LeaveGroup c -> {}
      case RequestToJoin c -> {}
      case AcceptInvitation c -> {}
    }
  }

  private static int code(GroupCommand command) {
    return switch (command) {
      case CreateGroup c -> 1;
      case ChangeGroup c -> 2;
      case ArchiveGroup c -> 3;
      case RestoreGroup c -> 4;
      case DissolveGroup c -> 5;
      case JoinGroup c -> 6;
      case LeaveGroup c -> 7;
      case RequestToJoin c -> 8;
      case ApproveRequest c -> 9;
      case DeclineRequest c -> 10;
      case InviteMember c -> 11;
      case AcceptInvitation c -> 12;
      case DeclineInvitation c -> 13;
      case AddMember c -> 14;
      case RemoveMember c -> 15;
      case BanMember c -> 16;
      case UnbanMember c -> 17;
      case MuteMember c -> 18;
      case UnmuteMember c -> 19;
      case ChangeRole c -> 20;
      case TransferOwnership c -> 21;
      case PostMessage c -> 22;
      case EditMessage c -> 23;
      case RecallMessage c -> 24;
      case MarkRead c -> 25;
    };
  }

  static GroupCommand read(DataInputStream in) throws IOException {
    int code = in.readByte();
    return switch (code) {
      case 1 -> creation(in);
      case 2 -> change(in);
      case 3 -> new ArchiveGroup();
      case 4 -> new RestoreGroup();
      case 5 -> new DissolveGroup();
      case 6 -> new JoinGroup();
      case 7 -> new LeaveGroup();
      case 8 -> new RequestToJoin();
      case 9 -> new ApproveRequest(CommandBatchCodec.actor(in));
      case 10 -> new DeclineRequest(CommandBatchCodec.actor(in));
      case 11 -> new InviteMember(CommandBatchCodec.actor(in));
      case 12 -> new AcceptInvitation();
      case 13 -> new DeclineInvitation(CommandBatchCodec.actor(in));
      case 14 -> new AddMember(CommandBatchCodec.actor(in));
      case 15 -> new RemoveMember(CommandBatchCodec.actor(in));
      case 16 -> new BanMember(CommandBatchCodec.actor(in));
      case 17 -> new UnbanMember(CommandBatchCodec.actor(in));
      case 18 ->
          new MuteMember(
              CommandBatchCodec.actor(in), Instant.ofEpochSecond(in.readLong(), in.readInt()));
      case 19 -> new UnmuteMember(CommandBatchCodec.actor(in));
      case 20 ->
          new ChangeRole(CommandBatchCodec.actor(in), Role.valueOf(CommandBatchCodec.required(in)));
      case 21 -> new TransferOwnership(CommandBatchCodec.actor(in));
      case 22 -> new PostMessage(CommandBatchCodec.required(in), number(in));
      case 23 -> new EditMessage(in.readLong(), CommandBatchCodec.required(in));
      case 24 -> new RecallMessage(in.readLong());
      case 25 -> new MarkRead(in.readLong());
      default -> throw new IllegalArgumentException("unknown command " + code);
    };
  }

  private static void writeCreation(DataOutputStream out, CreateGroup c) throws IOException {
    CommandBatchCodec.write(out, c.type().name());
    CommandBatchCodec.write(out, c.name());
    CommandBatchCodec.write(out, c.topic());
    CommandBatchCodec.write(out, c.postingRule().name());
    out.writeInt(c.retentionDays());
    CommandBatchCodec.write(out, c.key());
    out.writeInt(c.members().size());
    for (Actor member : c.members()) {
      CommandBatchCodec.write(out, member);
    }
  }

  private static CreateGroup creation(DataInputStream in) throws IOException {
    GroupType type = GroupType.valueOf(CommandBatchCodec.required(in));
    String name = CommandBatchCodec.required(in);
    String topic = CommandBatchCodec.required(in);
    PostingRule rule = PostingRule.valueOf(CommandBatchCodec.required(in));
    int retention = in.readInt();
    String key = CommandBatchCodec.text(in);
    int count = in.readInt();
    if (count < 0 || count > MAX_MEMBERS) {
      throw new IllegalArgumentException("impossible number of members " + count);
    }
    List<Actor> members = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      members.add(CommandBatchCodec.actor(in));
    }
    return new CreateGroup(type, name, topic, rule, retention, key, members);
  }

  private static ChangeGroup change(DataInputStream in) throws IOException {
    String name = CommandBatchCodec.text(in);
    String topic = CommandBatchCodec.text(in);
    String rule = CommandBatchCodec.text(in);
    Long retention = number(in);
    return new ChangeGroup(
        name,
        topic,
        rule == null ? null : PostingRule.valueOf(rule),
        retention == null ? null : Math.toIntExact(retention));
  }

  private static void writeNumber(DataOutputStream out, @Nullable Long number) throws IOException {
    out.writeBoolean(number != null);
    if (number != null) {
      out.writeLong(number);
    }
  }

  private static @Nullable Long number(DataInputStream in) throws IOException {
    return in.readBoolean() ? in.readLong() : null;
  }
}
