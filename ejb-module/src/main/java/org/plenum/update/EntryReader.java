package org.plenum.update;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.plenum.group.api.Actor;
import org.plenum.group.api.EntryKind;
import org.plenum.group.api.GroupEvent;
import org.plenum.group.api.GroupEvent.GroupChanged;
import org.plenum.group.api.GroupEvent.GroupCreated;
import org.plenum.group.api.GroupEvent.GroupStatusChanged;
import org.plenum.group.api.GroupEvent.HistoryTrimmed;
import org.plenum.group.api.GroupEvent.MemberChanged;
import org.plenum.group.api.GroupEvent.MessageEdited;
import org.plenum.group.api.GroupEvent.MessagePosted;
import org.plenum.group.api.GroupEvent.MessageRecalled;
import org.plenum.group.api.GroupEvent.Settings;
import org.plenum.group.api.GroupType;
import org.plenum.group.api.PostingRule;
import org.plenum.group.api.Role;

/** Reads one entry from a parser; used once. Not thread-safe. */
final class EntryReader {
  private static final long MISSING = Long.MIN_VALUE;

  private long seq = MISSING;
  private long no = MISSING;
  private long target = MISSING;
  private long upTo = MISSING;
  private String text = "";
  private @Nullable Long replyTo;
  private @Nullable EntryKind kind;
  private @Nullable Instant at;
  private @Nullable Instant until;
  private @Nullable Instant editedAt;
  private @Nullable Instant recalledAt;
  private @Nullable Actor by;
  private @Nullable Actor subject;
  private @Nullable UUID clientId;
  private @Nullable Role role;
  private @Nullable Settings settings;
  private @Nullable String key;

  Entry read(JsonParser in) throws IOException {
    EntryCodec.expectObject(in.nextToken());
    try {
      for (String field = in.nextFieldName(); field != null; field = in.nextFieldName()) {
        if (in.nextToken() != JsonToken.VALUE_NULL) {
          field(in, field);
        }
      }
    } catch (DateTimeException e) {
      throw new IllegalArgumentException("no entry: " + e.getMessage(), e);
    }
    if (in.currentToken() != JsonToken.END_OBJECT || in.nextToken() != null) {
      throw new IllegalArgumentException("no entry: more than one JSON object");
    }
    return new Entry(
        required(seq, "seq"),
        required(no, "no"),
        required(at, "at"),
        required(by, "by"),
        clientId,
        event(required(kind, "kind")),
        editedAt,
        recalledAt);
  }

  private void field(JsonParser in, String field) throws IOException {
    switch (field) {
      case "seq" -> seq = in.getLongValue();
      case "no" -> no = in.getLongValue();
      case "kind" -> kind = EntryKind.ofWire(in.getText());
      case "at" -> at = Instant.parse(in.getText());
      case "by" -> by = actor(in);
      case "clientId" -> clientId = UUID.fromString(in.getText());
      case "text" -> text = in.getText();
      case "replyTo" -> replyTo = in.getLongValue();
      case "target" -> target = in.getLongValue();
      case "upTo" -> upTo = in.getLongValue();
      case "subject" -> subject = actor(in);
      case "role" -> role = Role.valueOf(in.getText());
      case "until" -> until = Instant.parse(in.getText());
      case "editedAt" -> editedAt = Instant.parse(in.getText());
      case "recalledAt" -> recalledAt = Instant.parse(in.getText());
      case "group" -> settings = settings(in);
      default -> in.skipChildren();
    }
  }

  private GroupEvent event(EntryKind kind) {
    return switch (kind) {
      case GROUP_CREATED -> new GroupCreated(required(settings, "group"), key);
      case GROUP_CHANGED -> new GroupChanged(required(settings, "group"));
      case GROUP_ARCHIVED, GROUP_RESTORED, GROUP_DISSOLVED -> new GroupStatusChanged(kind);
      case MEMBER_JOINED,
          MEMBER_LEFT,
          MEMBER_REQUESTED,
          REQUEST_DECLINED,
          MEMBER_INVITED,
          INVITATION_DECLINED,
          MEMBER_REMOVED,
          MEMBER_BANNED,
          MEMBER_UNBANNED,
          MEMBER_MUTED,
          MEMBER_UNMUTED,
          ROLE_CHANGED,
          OWNERSHIP_TRANSFERRED ->
          new MemberChanged(kind, required(subject, "subject"), role, until);
      case MESSAGE_POSTED -> new MessagePosted(text, replyTo);
      case MESSAGE_EDITED -> new MessageEdited(required(target, "target"), text);
      case MESSAGE_RECALLED -> new MessageRecalled(required(target, "target"));
      case HISTORY_TRIMMED -> new HistoryTrimmed(required(upTo, "upTo"));
      case READ_MARKED -> throw new IllegalArgumentException("read positions are no entries");
    };
  }

  private static Actor actor(JsonParser in) throws IOException {
    EntryCodec.expectObject(in.currentToken());
    long id = MISSING;
    String name = null;
    for (String field = in.nextFieldName(); field != null; field = in.nextFieldName()) {
      in.nextToken();
      switch (field) {
        case "id" -> id = in.getLongValue();
        case "name" -> name = in.getText();
        default -> in.skipChildren();
      }
    }
    return new Actor(required(id, "id"), required(name, "name"));
  }

  private Settings settings(JsonParser in) throws IOException {
    EntryCodec.expectObject(in.currentToken());
    GroupType type = null;
    String name = null;
    String topic = "";
    PostingRule rule = null;
    int retentionDays = 0;
    for (String field = in.nextFieldName(); field != null; field = in.nextFieldName()) {
      in.nextToken();
      switch (field) {
        case "type" -> type = GroupType.valueOf(in.getText());
        case "name" -> name = in.getText();
        case "topic" -> topic = in.getText();
        case "postingRule" -> rule = PostingRule.valueOf(in.getText());
        case "retentionDays" -> retentionDays = in.getIntValue();
        case "key" -> key = in.getText();
        default -> in.skipChildren();
      }
    }
    return new Settings(
        required(type, "type"),
        required(name, "name"),
        topic,
        required(rule, "postingRule"),
        retentionDays);
  }

  private static long required(long value, String field) {
    if (value == MISSING) {
      throw new IllegalArgumentException("no entry: " + field + " is missing");
    }
    return value;
  }

  private static <T> T required(@Nullable T value, String field) {
    if (value == null) {
      throw new IllegalArgumentException("no entry: " + field + " is missing");
    }
    return value;
  }
}
