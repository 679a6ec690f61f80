package org.plenum.group.domain;

import static org.plenum.group.domain.Caller.first;

import java.util.Optional;
import org.plenum.group.api.EntryKind;
import org.plenum.group.api.GroupCommand.EditMessage;
import org.plenum.group.api.GroupCommand.MarkRead;
import org.plenum.group.api.GroupCommand.PostMessage;
import org.plenum.group.api.GroupCommand.RecallMessage;
import org.plenum.group.api.GroupEvent.MessageEdited;
import org.plenum.group.api.GroupEvent.MessagePosted;
import org.plenum.group.api.GroupEvent.MessageRecalled;
import org.plenum.group.api.GroupState;
import org.plenum.group.api.Membership;
import org.plenum.group.domain.Decision.Accepted;
import org.plenum.group.domain.Decision.Marked;
import org.plenum.group.domain.Decision.Rejected;
import org.plenum.platform.ErrorCode;

/** Decisions about messages and read positions. */
final class MessageRules {
  private static final Rejected NO_SUCH_MESSAGE =
      new Rejected(ErrorCode.MESSAGE_NOT_FOUND, "the group has no message at this sequence");

  Decision post(Caller caller, PostMessage post, Messages messages) {
    Rejected refused = caller.maySpeakNot();
    if (refused != null) {
      return refused;
    }
    Long replyTo = post.replyTo();
    if (replyTo != null && message(caller.group(), messages, replyTo).isEmpty()) {
      return NO_SUCH_MESSAGE;
    }
    return new Accepted(new MessagePosted(post.text(), replyTo));
  }

  Decision edit(Caller caller, EditMessage edit, Messages messages) {
    Rejected refused = caller.maySpeakNot();
    if (refused != null) {
      return refused;
    }
    MessageFacts message = message(caller.group(), messages, edit.target()).orElse(null);
    if (message == null) {
      return NO_SUCH_MESSAGE;
    }
    if (message.authorId() != caller.actor().id()) {
      return new Rejected(ErrorCode.FORBIDDEN, "only its author edits a message");
    }
    return message.recalled()
        ? new Rejected(ErrorCode.MESSAGE_RECALLED, "the message was recalled")
        : new Accepted(new MessageEdited(edit.target(), edit.text()));
  }

  Decision recall(Caller caller, RecallMessage recall, Messages messages) {
    Rejected refused =
        first(caller.privileged() ? null : caller.notMember(), caller.inArchivedGroup());
    if (refused != null) {
      return refused;
    }
    MessageFacts message = message(caller.group(), messages, recall.target()).orElse(null);
    if (message == null) {
      return NO_SUCH_MESSAGE;
    }
    if (message.authorId() != caller.actor().id() && !caller.moderates()) {
      return new Rejected(
          ErrorCode.ROLE_REQUIRED, "only its author, the owner and admins recall a message");
    }
    return message.recalled()
        ? new Rejected(ErrorCode.MESSAGE_RECALLED, "the message was recalled before")
        : new Accepted(new MessageRecalled(recall.target()));
  }

  Decision markRead(Caller caller, MarkRead mark) {
    Rejected refused = caller.notMember();
    Membership me = caller.membership();
    if (refused != null || me == null) {
      return refused != null ? refused : new Marked(0);
    }
    return new Marked(Math.max(me.readSeq(), Math.min(mark.seq(), caller.group().headSeq())));
  }

  private static Optional<MessageFacts> message(GroupState group, Messages messages, long seq) {
    return seq < group.firstSeq() || seq > group.headSeq()
        ? Optional.empty()
        : messages.at(seq).filter(entry -> entry.kind() == EntryKind.MESSAGE_POSTED);
  }
}
