package org.plenum.web.push;

import com.fasterxml.jackson.core.io.JsonStringEncoder;
import java.time.Duration;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.plenum.account.api.Account;
import org.plenum.group.api.Actor;
import org.plenum.group.api.CommandAnswer;
import org.plenum.group.api.GroupId;
import org.plenum.group.api.MyGroup;
import org.plenum.platform.ErrorCode;

/** The JSON of every server frame but {@code updates}. */
final class ServerMessages {
  static final Frame PONG = Frame.text("{\"type\":\"pong\"}");

  private static final JsonStringEncoder ENCODER = JsonStringEncoder.getInstance();

  private ServerMessages() {}

  static Frame welcome(Account account, String node, Map<GroupId, MyGroup> groups) {
    StringBuilder json = new StringBuilder(128 + 96 * groups.size());
    json.append("{\"type\":\"welcome\",\"account\":{\"id\":").append(account.id());
    json.append(",\"name\":");
    string(json, account.name());
    json.append(",\"displayName\":");
    string(json, account.displayName());
    json.append("},\"node\":");
    string(json, node);
    json.append(",\"heads\":{");
    boolean first = true;
    for (Map.Entry<GroupId, MyGroup> entry : groups.entrySet()) {
      MyGroup mine = entry.getValue();
      json.append(first ? "\"" : ",\"").append(entry.getKey());
      json.append("\":{\"seq\":").append(mine.group().headSeq());
      json.append(",\"no\":").append(mine.group().headNo());
      json.append(",\"read\":").append(mine.membership().readSeq()).append('}');
      first = false;
    }
    return Frame.text(json.append("}}").toString());
  }

  static Frame ack(String id, CommandAnswer.Accepted accepted) {
    StringBuilder json = new StringBuilder(192);
    json.append("{\"type\":\"ack\",\"id\":\"").append(id);
    json.append("\",\"group\":\"").append(accepted.group());
    json.append("\",\"seq\":").append(accepted.seq());
    json.append(",\"no\":").append(accepted.no());
    json.append(",\"position\":\"").append(accepted.revision()).append('"');
    if (accepted.replayed()) {
      json.append(",\"replayed\":true");
    }
    return Frame.text(json.append('}').toString());
  }

  /** The report is durable. */
  static Frame reported(String id, UUID report) {
    return Frame.text("{\"type\":\"ack\",\"id\":\"" + id + "\",\"report\":\"" + report + "\"}");
  }

  static Frame error(
      @Nullable String id, ErrorCode code, String detail, @Nullable Duration retryAfter) {
    StringBuilder json = new StringBuilder(192);
    json.append("{\"type\":\"error\",\"id\":");
    if (id == null) {
      json.append("null");
    } else {
      string(json, id);
    }
    json.append(",\"code\":\"").append(code.name());
    json.append("\",\"status\":").append(code.status()).append(",\"title\":");
    string(json, code.title());
    json.append(",\"detail\":");
    string(json, detail);
    if (retryAfter != null) {
      json.append(",\"retryAfter\":").append(seconds(retryAfter));
    }
    return Frame.text(json.append('}').toString());
  }

  static Frame resync(GroupChannel group, long head) {
    return Frame.ofGroup(
        "{\"type\":\"resync\",\"group\":\"" + group.id() + "\",\"head\":" + head + "}", group);
  }

  /** The client has seen more than there is, and what it has beyond the head never was. */
  static Frame otherHistory(GroupChannel group, long head) {
    return Frame.ofGroup(
        "{\"type\":\"resync\",\"group\":\""
            + group.id()
            + "\",\"head\":"
            + head
            + ",\"history\":\"other\"}",
        group);
  }

  static Frame membership(GroupId group, String change, long seq) {
    return Frame.text(
        "{\"type\":\"membership\",\"group\":\""
            + group
            + "\",\"change\":\""
            + change
            + "\",\"seq\":"
            + seq
            + "}");
  }

  static Frame read(GroupId group, long seq, long no) {
    return Frame.text(
        "{\"type\":\"read\",\"group\":\"" + group + "\",\"seq\":" + seq + ",\"no\":" + no + "}");
  }

  static Frame typing(GroupChannel group, Actor by) {
    StringBuilder json = new StringBuilder(128);
    json.append("{\"type\":\"typing\",\"group\":\"").append(group.id());
    json.append("\",\"by\":{\"id\":").append(by.id()).append(",\"name\":");
    string(json, by.name());
    return Frame.ofGroup(json.append("}}").toString(), group);
  }

  static Frame bye(String code) {
    return Frame.text("{\"type\":\"bye\",\"code\":\"" + code + "\"}");
  }

  /** Whole seconds, at least one. */
  static long seconds(Duration duration) {
    return Math.max(1, duration.plusMillis(999).toSeconds());
  }

  private static void string(StringBuilder json, String text) {
    json.append('"');
    ENCODER.quoteAsString(text, json);
    json.append('"');
  }
}
