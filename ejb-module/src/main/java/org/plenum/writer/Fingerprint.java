package org.plenum.writer;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import org.jspecify.annotations.Nullable;
import org.plenum.group.api.Actor;
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

/**
 * The content of a command in 64 bits, to tell a replay from another write under the same client
 * id. The group of a creation is left out: the business node gives a new id at each try. Display
 * names are left out: they may change between tries. Confined to one thread.
 */
final class Fingerprint {
  private final MessageDigest digest;

  Fingerprint() {
    try {
      digest = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  long of(CommandEnvelope envelope) {
    StringBuilder text = new StringBuilder(128);
    GroupCommand command = envelope.command();
    text.append(envelope.actor().id()).append('|').append(command.getClass().getSimpleName());
    if (!(command instanceof CreateGroup)) {
      text.append('|').append(envelope.group());
    }
    content(text, command);
    return ByteBuffer.wrap(digest.digest(text.toString().getBytes(StandardCharsets.UTF_8)))
        .getLong();
  }

  private static void content(StringBuilder text, GroupCommand command) {
    switch (command) {
      case PostMessage c -> add(text, c.replyTo(), c.text());
      case EditMessage c -> add(text, c.target(), c.text());
      case RecallMessage c -> add(text, c.target());
      case MarkRead c -> add(text, c.seq());
      case CreateGroup c -> {
        add(text, c.type(), c.name(), c.topic(), c.postingRule(), c.retentionDays(), c.key());
        for (Actor member : c.members()) {
          add(text, member.id());
        }
      }
      case ChangeGroup c -> add(text, c.name(), c.topic(), c.postingRule(), c.retentionDays());
      case ApproveRequest c -> add(text, c.subject().id());
      case DeclineRequest c -> add(text, c.subject().id());
      case InviteMember c -> add(text, c.subject().id());
      case DeclineInvitation c -> add(text, c.subject().id());
      case AddMember c -> add(text, c.subject().id());
      case RemoveMember c -> add(text, c.subject().id());
      case BanMember c -> add(text, c.subject().id());
      case UnbanMember c -> add(text, c.subject().id());
      case MuteMember c -> add(text, c.subject().id(), c.until());
      case UnmuteMember c -> add(text, c.subject().id());
      case ChangeRole c -> add(text, c.subject().id(), c.role());
      case TransferOwnership c -> add(text, c.subject().id());
      case ArchiveGroup c -> {}
      case RestoreGroup c -> {}
      case DissolveGroup c -> {}
      case JoinGroup c -> {}
      case LeaveGroup c -> {}
      case RequestToJoin c -> {}
      case AcceptInvitation c -> {}
    }
  }

  /** Each value with its length in front, so that no two lists of values look alike. */
  private static void add(StringBuilder text, @Nullable Object... values) {
    for (Object value : values) {
      String each = String.valueOf(value);
      text.append('|').append(value == null ? -1 : each.length()).append(':').append(each);
    }
  }
}
