package org.plenum.update;

import com.fasterxml.jackson.core.JsonEncoding;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamWriteFeature;
import com.fasterxml.jackson.core.io.SerializedString;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import com.fasterxml.jackson.core.util.JsonRecyclerPools;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
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

/**
 * The JSON form of entries: encoded once by the writer, then copied as bytes into the log, the
 * reader's memory, history pages and frames. Thread-safe.
 *
 * <p>Fields unknown to this version are skipped when reading and kept when rewriting, so that nodes
 * of two versions can work on one log. Every form ever written stays readable: the golden files of
 * the tests hold them.
 *
 * <p>Errors: {@link IllegalArgumentException} for bytes that are no entry.
 */
public final class EntryCodec {
  private static final JsonFactory JSON =
      JsonFactory.builder()
          .recyclerPool(JsonRecyclerPools.sharedConcurrentDequePool())
          .enable(JsonWriteFeature.COMBINE_UNICODE_SURROGATES_IN_UTF8)
          .disable(StreamWriteFeature.FLUSH_PASSED_TO_STREAM)
          .build();

  private static final SerializedString SEQ = new SerializedString("seq");
  private static final SerializedString KIND = new SerializedString("kind");
  private static final SerializedString AT = new SerializedString("at");
  private static final SerializedString BY = new SerializedString("by");
  private static final SerializedString ID = new SerializedString("id");
  private static final SerializedString NAME = new SerializedString("name");
  private static final SerializedString CLIENT_ID = new SerializedString("clientId");
  private static final SerializedString NO = new SerializedString("no");
  private static final SerializedString TEXT = new SerializedString("text");
  private static final SerializedString REPLY_TO = new SerializedString("replyTo");
  private static final SerializedString TARGET = new SerializedString("target");
  private static final SerializedString SUBJECT = new SerializedString("subject");
  private static final SerializedString[] WIRE = new SerializedString[64];

  static {
    for (EntryKind kind : EntryKind.values()) {
      WIRE[kind.code()] = new SerializedString(kind.wire());
    }
  }

  /** A codec. */
  public EntryCodec() {}

  /**
   * Encodes a new entry.
   *
   * @param at is cut to milliseconds
   */
  public byte[] encode(
      long seq, long no, Instant at, Actor by, @Nullable UUID clientId, GroupEvent event) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(256);
    try (JsonGenerator out = JSON.createGenerator(bytes, JsonEncoding.UTF8)) {
      out.writeStartObject();
      number(out, SEQ, seq);
      out.writeFieldName(KIND);
      out.writeString(WIRE[event.kind().code()]);
      out.writeFieldName(AT);
      out.writeString(Timestamps.format(at));
      actor(out, BY, by);
      if (clientId != null) {
        out.writeFieldName(CLIENT_ID);
        out.writeString(clientId.toString());
      }
      number(out, NO, no);
      content(out, event);
      out.writeEndObject();
    } catch (IOException e) {
      throw new IllegalArgumentException("entry cannot be encoded: " + e.getMessage(), e);
    }
    return bytes.toByteArray();
  }

  /** Reads an entry in any form ever written. */
  public Entry decode(byte[] json) {
    try (JsonParser in = JSON.createParser(json)) {
      return new EntryReader().read(in);
    } catch (IOException e) {
      throw new IllegalArgumentException("no entry: " + e.getMessage(), e);
    }
  }

  /**
   * The current form of a posted message after an edit. A message that was recalled stays as it is:
   * applied late or twice, an edit never brings a text back.
   */
  public byte[] edited(byte[] postedJson, String text, Instant at) {
    return rewritten(postedJson, text, false, "editedAt", at);
  }

  /**
   * The form of a posted message after an edit whose own text was taken away since, by a recall
   * that follows: when it was edited, and the text that it has.
   */
  public byte[] editedWithoutText(byte[] postedJson, Instant at) {
    return rewritten(postedJson, null, true, "editedAt", at);
  }

  /**
   * The current form of a posted message, or of an edit of it, after the recall: without the text.
   * The first recall's time stays.
   */
  public byte[] recalled(byte[] postedOrEditedJson, Instant at) {
    return rewritten(postedOrEditedJson, null, false, "recalledAt", at);
  }

  private static byte[] rewritten(
      byte[] json, @Nullable String text, boolean keepsText, String stampName, Instant stamp) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(json.length + 64);
    try (JsonParser in = JSON.createParser(json);
        JsonGenerator out = JSON.createGenerator(bytes, JsonEncoding.UTF8)) {
      expectObject(in.nextToken());
      out.writeStartObject();
      for (String field = in.nextFieldName(); field != null; field = in.nextFieldName()) {
        in.nextToken();
        if (field.equals("recalledAt")) {
          return json;
        }
        if (field.equals("text") && !keepsText) {
          if (text != null) {
            out.writeStringField("text", text);
          }
        } else if (!field.equals(stampName)) {
          out.writeFieldName(field);
          out.copyCurrentStructure(in);
        }
      }
      out.writeStringField(stampName, Timestamps.format(stamp));
      out.writeEndObject();
    } catch (IOException e) {
      throw new IllegalArgumentException("entry cannot be rewritten: " + e.getMessage(), e);
    }
    return bytes.toByteArray();
  }

  static void expectObject(@Nullable JsonToken token) {
    if (token != JsonToken.START_OBJECT) {
      throw new IllegalArgumentException("no entry: not a JSON object");
    }
  }

  private static void content(JsonGenerator out, GroupEvent event) throws IOException {
    switch (event) {
      case MessagePosted posted -> {
        text(out, posted.text());
        if (posted.replyTo() != null) {
          number(out, REPLY_TO, posted.replyTo());
        }
      }
      case MessageEdited edited -> {
        number(out, TARGET, edited.target());
        text(out, edited.text());
      }
      case MessageRecalled recalled -> number(out, TARGET, recalled.target());
      case MemberChanged changed -> {
        actor(out, SUBJECT, changed.subject());
        if (changed.role() != null) {
          out.writeStringField("role", changed.role().name());
        }
        if (changed.until() != null) {
          out.writeStringField("until", Timestamps.format(changed.until()));
        }
      }
      case GroupCreated created -> settings(out, created.settings(), created.key());
      case GroupChanged changed -> settings(out, changed.settings(), null);
      case GroupStatusChanged ignored -> {}
      case HistoryTrimmed trimmed -> out.writeNumberField("upTo", trimmed.upTo());
    }
  }

  private static void settings(JsonGenerator out, Settings settings, @Nullable String key)
      throws IOException {
    out.writeObjectFieldStart("group");
    out.writeStringField("type", settings.type().name());
    out.writeStringField("name", settings.name());
    out.writeStringField("topic", settings.topic());
    out.writeStringField("postingRule", settings.postingRule().name());
    out.writeNumberField("retentionDays", settings.retentionDays());
    if (key != null) {
      out.writeStringField("key", key);
    }
    out.writeEndObject();
  }

  private static void actor(JsonGenerator out, SerializedString field, Actor actor)
      throws IOException {
    out.writeFieldName(field);
    out.writeStartObject();
    number(out, ID, actor.id());
    out.writeFieldName(NAME);
    out.writeString(actor.name());
    out.writeEndObject();
  }

  private static void number(JsonGenerator out, SerializedString field, long value)
      throws IOException {
    out.writeFieldName(field);
    out.writeNumber(value);
  }

  private static void text(JsonGenerator out, String text) throws IOException {
    out.writeFieldName(TEXT);
    out.writeString(text);
  }
}
