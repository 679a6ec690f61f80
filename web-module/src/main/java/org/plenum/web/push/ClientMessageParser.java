package org.plenum.web.push;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParseException;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.plenum.group.api.Durability;
import org.plenum.group.api.GroupCommand;
import org.plenum.group.api.GroupId;
import org.plenum.platform.ErrorCode;
import org.plenum.platform.Ids;
import org.plenum.platform.ServiceException;

/**
 * Reads the JSON of client frames. Fields may come in any order, unknown ones are ignored; every
 * fault becomes a {@link ClientMessage.Invalid} with the client's id where it could be read.
 * Thread-safe.
 */
final class ClientMessageParser {
  private static final int MAX_RESUME = 10_000;
  private static final int MAX_ID = 64;
  private static final JsonFactory JSON =
      JsonFactory.builder()
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNestingDepth(8)
                  .maxNumberLength(20)
                  .maxNameLength(256)
                  .build())
          .build();

  private ClientMessageParser() {}

  /** The fields of a frame as they were read. */
  private static final class Fields {
    @Nullable String type;
    @Nullable String id;
    @Nullable String group;
    @Nullable String text;
    @Nullable String durability;
    @Nullable Long replyTo;
    @Nullable Long target;
    @Nullable Long seq;
    @Nullable String report;
    Map<GroupId, Long> resume = Map.of();
    @Nullable ServiceException problem;
  }

  static ClientMessage parse(byte[] json, int length) {
    Fields fields = new Fields();
    try (JsonParser parser = JSON.createParser(json, 0, length)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        return malformed(fields, "a frame is a JSON object");
      }
      while (parser.nextToken() == JsonToken.FIELD_NAME) {
        field(parser, fields, json);
      }
      if (parser.nextToken() != null) {
        return malformed(fields, "something follows the JSON object");
      }
      if (fields.problem != null) {
        throw fields.problem;
      }
      return message(fields);
    } catch (JsonParseException e) {
      return malformed(fields, "not JSON: " + e.getOriginalMessage());
    } catch (IOException e) {
      return malformed(fields, "not acceptable JSON");
    } catch (ServiceException e) {
      return new ClientMessage.Invalid(fields.id, e.code(), e.detail());
    }
  }

  private static void field(JsonParser parser, Fields fields, byte[] json) throws IOException {
    String name = parser.currentName();
    parser.nextToken();
    try {
      if (name.equals("report")) {
        fields.report = object(parser, json);
      } else {
        value(parser, name, fields);
      }
    } catch (ServiceException e) {
      // Read on: the answer should carry the id, which may come later.
      parser.skipChildren();
      if (fields.problem == null) {
        fields.problem = e;
      }
    }
  }

  private static void value(JsonParser parser, String name, Fields fields) throws IOException {
    switch (name) {
      case "type" -> fields.type = text(parser, name);
      case "id" -> {
        String id = text(parser, name);
        if (id != null && id.length() > MAX_ID) {
          throw invalid("id is longer than " + MAX_ID + " characters");
        }
        fields.id = id;
      }
      case "group" -> fields.group = text(parser, name);
      case "text" -> fields.text = text(parser, name);
      case "durability" -> fields.durability = text(parser, name);
      case "replyTo" -> fields.replyTo = number(parser, name);
      case "target" -> fields.target = number(parser, name);
      case "seq" -> fields.seq = number(parser, name);
      case "resume" -> fields.resume = resume(parser, fields);
      default -> parser.skipChildren();
    }
  }

  /** An object as the text that it was written as. */
  private static String object(JsonParser parser, byte[] json) throws IOException {
    if (parser.currentToken() != JsonToken.START_OBJECT) {
      throw invalid("report must be an object");
    }
    int start = (int) parser.currentTokenLocation().getByteOffset();
    parser.skipChildren();
    int end = (int) parser.currentLocation().getByteOffset();
    return new String(json, start, end - start, StandardCharsets.UTF_8);
  }

  private static Map<GroupId, Long> resume(JsonParser parser, Fields fields) throws IOException {
    if (parser.currentToken() == JsonToken.VALUE_NULL) {
      return Map.of();
    }
    if (parser.currentToken() != JsonToken.START_OBJECT) {
      throw invalid("resume must be an object of group and sequence");
    }
    Map<GroupId, Long> resume = new HashMap<>();
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      String group = parser.currentName();
      parser.nextToken();
      try {
        Long seq = number(parser, "resume");
        if (seq != null && resume.size() < MAX_RESUME) {
          resume.put(GroupId.parse(group), seq);
        }
      } catch (ServiceException e) {
        parser.skipChildren();
        fields.problem = e;
      }
    }
    return resume;
  }

  private static ClientMessage message(Fields fields) {
    String type = fields.type;
    if (type == null) {
      throw invalid("type is missing");
    }
    return switch (type) {
      case "hello" -> new ClientMessage.Hello(fields.resume);
      case "post" ->
          write(fields, new GroupCommand.PostMessage(present(fields.text, "text"), fields.replyTo));
      case "edit" ->
          write(
              fields,
              new GroupCommand.EditMessage(
                  present(fields.target, "target"), present(fields.text, "text")));
      case "recall" ->
          write(fields, new GroupCommand.RecallMessage(present(fields.target, "target")));
      case "read" -> new ClientMessage.Read(group(fields), present(fields.seq, "seq"));
      case "typing" -> new ClientMessage.Typing(group(fields));
      case "report" -> {
        String id = present(fields.id, "id");
        UUID unused = clientId(id);
        yield new ClientMessage.Report(id, present(fields.report, "report"));
      }
      case "ping" -> new ClientMessage.Ping();
      default -> throw invalid("unknown type");
    };
  }

  private static ClientMessage write(Fields fields, GroupCommand command) {
    String id = present(fields.id, "id");
    return new ClientMessage.Write(
        id, clientId(id), group(fields), command, durability(fields.durability));
  }

  private static UUID clientId(String text) {
    UUID id = uuid(text);
    if (Ids.isOfName(id)) {
      throw invalid("version 8 client ids are reserved");
    }
    return id;
  }

  private static UUID uuid(String id) {
    if (id.length() == 36) {
      try {
        return UUID.fromString(id);
      } catch (IllegalArgumentException e) {
        throw new ServiceException(ErrorCode.INVALID_VALUE, "id must be a UUID", null, e);
      }
    }
    throw invalid("id must be a UUID");
  }

  private static GroupId group(Fields fields) {
    return GroupId.parse(present(fields.group, "group"));
  }

  private static Durability durability(@Nullable String text) {
    if (text == null) {
      return Durability.DISK;
    }
    return switch (text) {
      case "DISK" -> Durability.DISK;
      case "MEMORY" -> Durability.MEMORY;
      case "REPLICA" -> Durability.REPLICA;
      default -> throw invalid("durability must be DISK, MEMORY or REPLICA");
    };
  }

  private static @Nullable String text(JsonParser parser, String name) throws IOException {
    return switch (parser.currentToken()) {
      case VALUE_STRING -> parser.getText();
      case VALUE_NULL -> null;
      default -> throw invalid(name + " must be a string");
    };
  }

  private static @Nullable Long number(JsonParser parser, String name) throws IOException {
    return switch (parser.currentToken()) {
      case VALUE_NUMBER_INT -> {
        if (parser.getNumberType() == JsonParser.NumberType.BIG_INTEGER) {
          throw invalid(name + " is too large");
        }
        long value = parser.getLongValue();
        if (value < 0) {
          throw invalid(name + " must not be negative");
        }
        yield value;
      }
      case VALUE_NULL -> null;
      default -> throw invalid(name + " must be an integer");
    };
  }

  private static <T> T present(@Nullable T value, String name) {
    if (value == null) {
      throw invalid(name + " is missing");
    }
    return value;
  }

  private static ClientMessage malformed(Fields fields, String detail) {
    return new ClientMessage.Invalid(fields.id, ErrorCode.MALFORMED_REQUEST, detail);
  }

  private static ServiceException invalid(String detail) {
    return new ServiceException(ErrorCode.INVALID_VALUE, detail);
  }
}
