package org.plenum.intake;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.plenum.group.api.GroupId;
import org.plenum.platform.ErrorCode;
import org.plenum.platform.ServiceException;

/** The fields of one message; each can be taken once, and what is left over is refused. */
final class LegacyFields {
  private final Map<String, Object> fields;

  LegacyFields(Map<String, Object> fields) {
    this.fields = fields;
  }

  boolean has(String name) {
    return fields.containsKey(name);
  }

  String text(String name, int maxLength) {
    Object value = fields.remove(name);
    if (value == null) {
      throw invalid(name, "is missing");
    }
    if (!(value instanceof String text)) {
      throw invalid(name, "must be a text");
    }
    if (text.isBlank() || text.length() > maxLength) {
      throw invalid(name, "must have from 1 to " + maxLength + " characters");
    }
    return text;
  }

  @Nullable String optionalText(String name, int maxLength) {
    return has(name) ? text(name, maxLength) : null;
  }

  long integer(String name, long max) {
    Object value = fields.remove(name);
    if (!(value instanceof Long number) || number < 0 || number > max) {
      throw invalid(name, value == null ? "is missing" : "must be an integer from 0 to " + max);
    }
    return number;
  }

  GroupId group(String name) {
    try {
      return GroupId.parse(text(name, 36));
    } catch (ServiceException e) {
      throw new ServiceException(
          ErrorCode.INVALID_VALUE, "the field " + name + " is not a group id", null, e);
    }
  }

  <E extends Enum<E>> E constant(String name, Class<E> type, E absent) {
    if (!has(name)) {
      return absent;
    }
    String text = text(name, 40);
    try {
      return Enum.valueOf(type, text);
    } catch (IllegalArgumentException e) {
      throw new ServiceException(
          ErrorCode.INVALID_VALUE,
          "the field " + name + " must be one of " + Arrays.toString(type.getEnumConstants()),
          null,
          e);
    }
  }

  List<String> texts(String name, int maxCount, int maxLength) {
    Object value = fields.remove(name);
    if (value == null) {
      return List.of();
    }
    if (!(value instanceof List<?> list) || list.size() > maxCount) {
      throw invalid(name, "must be a list of at most " + maxCount + " texts");
    }
    List<String> texts = new ArrayList<>();
    for (Object element : list) {
      if (!(element instanceof String text) || text.isBlank() || text.length() > maxLength) {
        throw invalid(name, "must hold texts of 1 to " + maxLength + " characters");
      }
      texts.add(text);
    }
    return texts;
  }

  void requireNothingElse(String command) {
    if (!fields.isEmpty()) {
      throw new ServiceException(
          ErrorCode.INVALID_VALUE,
          "unknown field for " + command + ": " + fields.keySet().iterator().next());
    }
  }

  static ServiceException invalid(String name, String reason) {
    return new ServiceException(ErrorCode.INVALID_VALUE, "the field " + name + " " + reason);
  }
}
