package org.plenum.platform.config;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.eclipse.microprofile.config.Config;
import org.plenum.platform.ErrorCode;
import org.plenum.platform.ServiceException;

/**
 * One documented configuration key. Features declare theirs as constants of a {@code *Config} class
 * and list them in {@code KEYS}; the table in the documentation is generated from those lists.
 *
 * @param name full key, {@code plenum.<feature>.<key>}
 * @param type what the value is: text, integer, bytes, duration, flag, list
 * @param defaultText the default as text, empty for none
 * @param doc one sentence: meaning, unit, bounds
 */
public record ConfigKey<T>(
    String name, String type, String defaultText, String doc, Function<String, T> parser) {

  /** A text. */
  public static ConfigKey<String> text(String name, String defaultText, String doc) {
    return new ConfigKey<>(name, "text", defaultText, doc, value -> value);
  }

  /** An integer within bounds, both inclusive. */
  public static ConfigKey<Integer> integer(
      String name, int defaultValue, int min, int max, String doc) {
    return new ConfigKey<>(
        name,
        "integer " + min + ".." + max,
        Integer.toString(defaultValue),
        doc,
        value -> {
          int number = Integer.parseInt(value.strip());
          if (number < min || number > max) {
            throw new IllegalArgumentException("must be from " + min + " to " + max);
          }
          return number;
        });
  }

  /** A positive duration: ISO-8601 ({@code PT1.5S}) or a number with ms, s, m, h or d. */
  public static ConfigKey<Duration> duration(String name, String defaultText, String doc) {
    return new ConfigKey<>(name, "duration", defaultText, doc, ConfigKey::parseDuration);
  }

  /** {@code true} or {@code false}. */
  public static ConfigKey<Boolean> flag(String name, boolean defaultValue, String doc) {
    return new ConfigKey<>(
        name,
        "flag",
        Boolean.toString(defaultValue),
        doc,
        value ->
            switch (value.strip()) {
              case "true" -> true;
              case "false" -> false;
              default -> throw new IllegalArgumentException("must be true or false");
            });
  }

  /** Texts separated by commas; empty elements are dropped. */
  public static ConfigKey<List<String>> list(String name, String defaultText, String doc) {
    return new ConfigKey<>(
        name,
        "list",
        defaultText,
        doc,
        value ->
            List.of(value.split(",", -1)).stream()
                .map(String::strip)
                .filter(element -> !element.isEmpty())
                .toList());
  }

  /**
   * The value in force.
   *
   * @throws ServiceException INVALID_VALUE, naming the key, when the configured text cannot be used
   */
  public T from(Config config) {
    Optional<String> configured = config.getOptionalValue(name, String.class);
    String text = configured.orElse(defaultText);
    try {
      return parser.apply(text);
    } catch (RuntimeException e) {
      throw new ServiceException(
          ErrorCode.INVALID_VALUE,
          "configuration key " + name + " (" + type + "): '" + text + "' " + e.getMessage(),
          null,
          e);
    }
  }

  private static Duration parseDuration(String value) {
    String text = value.strip();
    Duration duration;
    if (text.startsWith("P")) {
      duration = Duration.parse(text);
    } else if (text.endsWith("ms")) {
      duration = Duration.ofMillis(number(text, 2));
    } else if (text.endsWith("s")) {
      duration = Duration.ofSeconds(number(text, 1));
    } else if (text.endsWith("m")) {
      duration = Duration.ofMinutes(number(text, 1));
    } else if (text.endsWith("h")) {
      duration = Duration.ofHours(number(text, 1));
    } else if (text.endsWith("d")) {
      duration = Duration.ofDays(number(text, 1));
    } else {
      throw new IllegalArgumentException("needs a unit: ms, s, m, h or d");
    }
    if (duration.isNegative() || duration.isZero()) {
      throw new IllegalArgumentException("must be positive");
    }
    return duration;
  }

  private static long number(String text, int unit) {
    return Long.parseLong(text.substring(0, text.length() - unit).strip());
  }
}
