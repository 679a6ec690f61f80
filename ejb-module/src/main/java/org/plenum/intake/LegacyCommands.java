package org.plenum.intake;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.plenum.group.api.Durability;
import org.plenum.group.api.GroupType;
import org.plenum.group.api.PostingRule;
import org.plenum.intake.LegacyCommand.Target;
import org.plenum.platform.ErrorCode;
import org.plenum.platform.ServiceException;

/**
 * Reads the JSON contract of the command queue: one object of version 1, strictly. Unknown and
 * doubled fields are refused rather than guessed at, so that a producer's typing error never
 * silently changes what it asked for. Thread-safe.
 */
public final class LegacyCommands {
  private static final int NAME_LENGTH = 200;
  private static final int MEMBERS = 1_000;
  private static final int DEPTH = 2;

  private final int maxBytes;
  private final JsonFactory json;

  /** A reader that takes texts of at most this many bytes of UTF-8. */
  public LegacyCommands(int maxBytes) {
    this.maxBytes = maxBytes;
    this.json =
        JsonFactory.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .streamReadConstraints(
                StreamReadConstraints.builder()
                    .maxNestingDepth(DEPTH)
                    .maxNumberLength(20)
                    .maxNameLength(NAME_LENGTH)
                    .build())
            .build();
  }

  /**
   * The command in the text.
   *
   * @throws ServiceException PAYLOAD_TOO_LARGE, MALFORMED_REQUEST, INVALID_UTF8 or INVALID_VALUE,
   *     saying what and where
   */
  public LegacyCommand read(String text) {
    if (text.length() > maxBytes || text.getBytes(UTF_8).length > maxBytes) {
      throw new ServiceException(
          ErrorCode.PAYLOAD_TOO_LARGE, "the text has more than " + maxBytes + " bytes of UTF-8");
    }
    LegacyFields fields = new LegacyFields(object(text));
    long version = fields.integer("version", Integer.MAX_VALUE);
    if (version != 1) {
      throw LegacyFields.invalid("version", "must be 1, is " + version);
    }
    String command = fields.text("command", NAME_LENGTH);
    LegacyCommand read =
        switch (command) {
          case "createGroup" -> create(fields);
          case "addMember" ->
              new LegacyCommand.AddMember(
                  key(fields), from(fields), target(fields), member(fields), durability(fields));
          case "removeMember" ->
              new LegacyCommand.RemoveMember(
                  key(fields), from(fields), target(fields), member(fields), durability(fields));
          case "post" ->
              new LegacyCommand.Post(
                  key(fields),
                  from(fields),
                  target(fields),
                  fields.text("text", maxBytes),
                  fields.has("replyTo") ? fields.integer("replyTo", Long.MAX_VALUE) : null,
                  durability(fields));
          default ->
              throw LegacyFields.invalid(
                  "command", "must be createGroup, addMember, removeMember or post");
        };
    fields.requireNothingElse(command);
    return read;
  }

  private static LegacyCommand create(LegacyFields fields) {
    return new LegacyCommand.CreateGroup(
        key(fields),
        fields.text("owner", NAME_LENGTH),
        fields.optionalText("key", NAME_LENGTH),
        fields.text("name", NAME_LENGTH),
        fields.constant("type", GroupType.class, GroupType.PRIVATE),
        fields.has("topic") ? fields.text("topic", 2_000) : "",
        fields.constant("postingRule", PostingRule.class, PostingRule.EVERYONE),
        fields.has("retentionDays") ? (int) fields.integer("retentionDays", 36_500) : 0,
        fields.texts("members", MEMBERS, NAME_LENGTH),
        durability(fields));
  }

  /** MEMORY is not offered: the message is acknowledged to the broker, and must not be lost. */
  private static Durability durability(LegacyFields fields) {
    Durability asked = fields.constant("durability", Durability.class, Durability.DISK);
    if (asked == Durability.MEMORY) {
      throw LegacyFields.invalid("durability", "must be DISK or REPLICA");
    }
    return asked;
  }

  private static @Nullable String key(LegacyFields fields) {
    return fields.optionalText("businessKey", NAME_LENGTH);
  }

  private static String from(LegacyFields fields) {
    return fields.text("from", NAME_LENGTH);
  }

  private static String member(LegacyFields fields) {
    return fields.text("member", NAME_LENGTH);
  }

  private static Target target(LegacyFields fields) {
    if (fields.has("group") == fields.has("groupKey")) {
      throw LegacyFields.invalid("group", "exactly one of group and groupKey is needed");
    }
    return fields.has("group")
        ? new Target(fields.group("group"), null)
        : new Target(null, fields.text("groupKey", NAME_LENGTH));
  }

  private Map<String, Object> object(String text) {
    try (JsonParser parser = json.createParser(text)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        throw new ServiceException(ErrorCode.MALFORMED_REQUEST, "the text is not a JSON object");
      }
      Map<String, Object> object = new LinkedHashMap<>();
      while (parser.nextToken() == JsonToken.FIELD_NAME) {
        String name = parser.currentName();
        parser.nextToken();
        object.put(name, value(parser, name));
      }
      if (parser.nextToken() != null) {
        throw new ServiceException(
            ErrorCode.MALFORMED_REQUEST, "there is something after the JSON object");
      }
      return object;
    } catch (IOException e) {
      throw new ServiceException(
          ErrorCode.MALFORMED_REQUEST, "not valid JSON: " + firstLine(e.getMessage()), null, e);
    }
  }

  private static Object value(JsonParser parser, String name) throws IOException {
    return switch (parser.currentToken()) {
      case VALUE_STRING -> wellFormed(name, parser.getText());
      case VALUE_NUMBER_INT -> parser.getLongValue();
      case START_ARRAY -> texts(parser, name);
      default -> throw LegacyFields.invalid(name, "has a value of a kind that is not used here");
    };
  }

  private static List<String> texts(JsonParser parser, String name) throws IOException {
    List<String> texts = new ArrayList<>();
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      if (parser.currentToken() != JsonToken.VALUE_STRING) {
        throw LegacyFields.invalid(name, "must hold texts only");
      }
      texts.add(wellFormed(name, parser.getText()));
    }
    return texts;
  }

  /** A lone surrogate has no UTF-8 and would be stored as something else. */
  private static String wellFormed(String name, String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      boolean pair =
          Character.isHighSurrogate(c)
              && i + 1 < text.length()
              && Character.isLowSurrogate(text.charAt(i + 1));
      if (pair) {
        i++;
      } else if (Character.isSurrogate(c)) {
        throw new ServiceException(
            ErrorCode.INVALID_UTF8, "the field " + name + " holds half of a surrogate pair");
      }
    }
    return text;
  }

  private static String firstLine(@Nullable String message) {
    return message == null ? "" : message.lines().findFirst().orElse("");
  }
}
