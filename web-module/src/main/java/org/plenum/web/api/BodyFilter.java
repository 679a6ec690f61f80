package org.plenum.web.api;

import jakarta.annotation.Priority;
import jakarta.ws.rs.Priorities;
import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.container.ContainerRequestFilter;
import jakarta.ws.rs.core.MediaType;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.StandardCharsets;
import org.plenum.platform.ErrorCode;
import org.plenum.platform.ServiceException;

/** Reads the body, within bounds, and demands that it is UTF-8. */
@Priority(Priorities.ENTITY_CODER)
final class BodyFilter implements ContainerRequestFilter {
  private static final int PIECE = 8 * 1024;

  private final int maxBytes;

  BodyFilter(int maxBytes) {
    this.maxBytes = maxBytes;
  }

  @Override
  public void filter(ContainerRequestContext request) throws IOException {
    if (request.getLength() > maxBytes) {
      throw tooLarge();
    }
    MediaType type = request.getMediaType();
    String charset = type == null ? null : type.getParameters().get(MediaType.CHARSET_PARAMETER);
    if (charset != null && !charset.equalsIgnoreCase("utf-8")) {
      throw new ServiceException(ErrorCode.UNSUPPORTED_MEDIA_TYPE, "text must be UTF-8");
    }
    byte[] body = request.getEntityStream().readNBytes(maxBytes + 1);
    if (body.length > maxBytes) {
      throw tooLarge();
    }
    try {
      check(body);
    } catch (CharacterCodingException e) {
      throw new ServiceException(ErrorCode.INVALID_UTF8, "the body is not UTF-8", null, e);
    }
    request.setEntityStream(new ByteArrayInputStream(body));
  }

  /**
   * A new decoder reports malformed input; String's constructor would repair it in silence. What it
   * decodes is not kept: a body with many reports would be there twice more.
   */
  static void check(byte[] body) throws CharacterCodingException {
    CharsetDecoder decoder = StandardCharsets.UTF_8.newDecoder();
    ByteBuffer in = ByteBuffer.wrap(body);
    CharBuffer out = CharBuffer.allocate(Math.min(body.length + 1, PIECE));
    CoderResult result = decoder.decode(in, out, true);
    while (result.isOverflow()) {
      result = decoder.decode(in, out.clear(), true);
    }
    if (result.isError()) {
      result.throwException();
    }
  }

  private ServiceException tooLarge() {
    return new ServiceException(
        ErrorCode.PAYLOAD_TOO_LARGE, "a body has at most " + maxBytes + " bytes");
  }
}
