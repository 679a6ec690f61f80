package org.plenum.web.push;

import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.plenum.group.api.Durability;
import org.plenum.group.api.GroupCommand;
import org.plenum.group.api.GroupId;
import org.plenum.platform.ErrorCode;

/** What a client says. */
sealed interface ClientMessage {
  /**
   * Joins the stream.
   *
   * @param resume last sequence seen by group
   */
  record Hello(Map<GroupId, Long> resume) implements ClientMessage {}

  /** A write that is answered with {@code ack} or {@code error}. */
  record Write(String id, UUID clientId, GroupId group, GroupCommand command, Durability durability)
      implements ClientMessage {}

  /** Moves the read position; only a failure is answered. */
  record Read(GroupId group, long seq) implements ClientMessage {}

  /** Somebody is typing. */
  record Typing(GroupId group) implements ClientMessage {}

  /**
   * A report that is answered with {@code ack} when it is durable, or with {@code error}.
   *
   * @param id names the report unless its text does
   * @param json the text of the report, as the contract of reports has it
   */
  record Report(String id, String json) implements ClientMessage {}

  /** Asks for a {@code pong} frame. */
  record Ping() implements ClientMessage {}

  /** A message that cannot be carried out; the connection goes on. */
  record Invalid(@Nullable String id, ErrorCode code, String detail) implements ClientMessage {}
}
