package org.plenum.report;

import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.plenum.platform.ErrorCode;
import org.plenum.report.api.NewReport;
import org.plenum.report.api.ReportAnswer.Rejected;

/** What a report must be to be stored, whatever way it came. Thread-safe. */
final class ReportChecks {
  /** Longest source, key, user and device, in characters. */
  static final int NAME_LENGTH = 200;

  /** Longest kind, in characters. */
  static final int KIND_LENGTH = 64;

  /** Longest position, in characters. */
  static final int POSITION_LENGTH = 500;

  private static final Instant EARLIEST = Instant.EPOCH;
  private static final Instant LATEST = Instant.parse("9999-12-31T23:59:59Z");

  private final int maxBytes;

  /** Checks with this bound of bodies, in bytes of UTF-8. */
  ReportChecks(int maxBytes) {
    this.maxBytes = maxBytes;
  }

  /** Why the report cannot be taken, or null. */
  @Nullable Rejected problem(NewReport report) {
    Rejected problem = name("source", report.source(), NAME_LENGTH);
    if (problem == null) {
      problem = name("businessKey", report.key(), NAME_LENGTH);
    }
    if (problem == null) {
      problem = name("kind", report.kind(), KIND_LENGTH);
    }
    if (problem == null) {
      problem = name("user", report.user(), NAME_LENGTH);
    }
    if (problem == null) {
      problem = name("device", report.device(), NAME_LENGTH);
    }
    if (problem == null) {
      problem = name("position", report.position(), POSITION_LENGTH);
    }
    if (problem == null
        && (report.occurredAt().isBefore(EARLIEST) || report.occurredAt().isAfter(LATEST))) {
      problem = invalid("occurredAt", "is beyond the times that are stored");
    }
    return problem == null ? body(report.body()) : problem;
  }

  private static @Nullable Rejected name(String field, @Nullable String text, int longest) {
    if (text == null) {
      return null;
    }
    if (text.isBlank() || text.length() > longest) {
      return invalid(field, "must have from 1 to " + longest + " characters");
    }
    for (int i = 0; i < text.length(); i++) {
      if (Character.isISOControl(text.charAt(i))) {
        return invalid(field, "holds a control character");
      }
    }
    return wellFormed(field, text);
  }

  private @Nullable Rejected body(String body) {
    Rejected halved = wellFormed("body", body);
    if (halved != null) {
      return halved;
    }
    if (body.length() > maxBytes || (body.length() * 3L > maxBytes && bytes(body) > maxBytes)) {
      return new Rejected(
          ErrorCode.PAYLOAD_TOO_LARGE, "a body has at most " + maxBytes + " bytes of UTF-8");
    }
    return null;
  }

  private static long bytes(String text) {
    return text.codePoints().mapToLong(ReportChecks::bytes).sum();
  }

  private static long bytes(int point) {
    return point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x1_0000 ? 3 : 4;
  }

  /** Half of a surrogate pair has no UTF-8 and would be stored as something else. */
  private static @Nullable Rejected wellFormed(String field, String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (Character.isHighSurrogate(c)
          && i + 1 < text.length()
          && Character.isLowSurrogate(text.charAt(i + 1))) {
        i++;
      } else if (Character.isSurrogate(c)) {
        return new Rejected(
            ErrorCode.INVALID_UTF8, "the field " + field + " holds half of a surrogate pair");
      }
    }
    return null;
  }

  private static Rejected invalid(String field, String reason) {
    return new Rejected(ErrorCode.INVALID_VALUE, "the field " + field + " " + reason);
  }
}
