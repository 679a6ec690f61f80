package org.plenum.bench;

import java.util.Random;
import org.jspecify.annotations.Nullable;

/** The text of a report whose body has 1,024 bytes that do not compress well. */
final class SampleReport {
  private static final int BODY_BYTES = 1_024;
  private static final String BODY = body();

  private SampleReport() {}

  private static String body() {
    String alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    StringBuilder body = new StringBuilder("{\"data\":\"");
    new Random(1)
        .ints(BODY_BYTES - 11L, 0, alphabet.length())
        .forEach(i -> body.append(alphabet.charAt(i)));
    return body.append("\"}").toString();
  }

  /** The JSON of a report; a null source says nothing about it. */
  static String json(@Nullable String source, String key) {
    return "{%s\"businessKey\":\"%s\",\"kind\":\"bench\",\"body\":%s}"
        .formatted(source == null ? "" : "\"source\":\"" + source + "\",", key, BODY);
  }
}
