package org.plenum.web.error;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.plenum.platform.ErrorCode;
import org.plenum.platform.ServiceException;

/**
 * A failure as clients see it (RFC 9457). Immutable.
 *
 * @param retryAfterSeconds when to try again, 0 for no hint
 */
public record Problem(
    ErrorCode code, String detail, @Nullable String correlationId, long retryAfterSeconds) {
  /** The media type. */
  public static final String MEDIA_TYPE = "application/problem+json";

  private static final JsonFactory JSON = new JsonFactory();
  private static final long DEFAULT_RETRY_SECONDS = 2;

  /** The problem behind an exception; a fault that heals gets a hint even when nobody gave one. */
  public static Problem of(ServiceException fault, @Nullable String correlationId) {
    Duration hint = fault.retryAfter();
    long seconds = fault.code().transientFault() ? DEFAULT_RETRY_SECONDS : 0;
    if (hint != null) {
      seconds = Math.max(1, hint.plusMillis(999).toSeconds());
    }
    String detail = fault.code() == ErrorCode.INTERNAL ? "see the correlation id" : fault.detail();
    return new Problem(fault.code(), detail, correlationId, seconds);
  }

  /** The body in UTF-8. */
  public byte[] json() {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(256);
    try (JsonGenerator out = JSON.createGenerator(bytes)) {
      out.writeStartObject();
      out.writeStringField("type", "urn:plenum:error:" + code.slug());
      out.writeStringField("title", code.title());
      out.writeNumberField("status", code.status());
      out.writeStringField("detail", detail);
      out.writeStringField("code", code.name());
      if (correlationId != null) {
        out.writeStringField("correlationId", correlationId);
      }
      if (retryAfterSeconds > 0) {
        out.writeNumberField("retryAfter", retryAfterSeconds);
      }
      out.writeEndObject();
    } catch (IOException e) {
      throw new UncheckedIOException("memory does not fail", e);
    }
    return bytes.toByteArray();
  }
}
