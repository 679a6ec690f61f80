package org.plenum.web.error;

import jakarta.json.JsonException;
import jakarta.json.bind.JsonbException;
import jakarta.ws.rs.NotAcceptableException;
import jakarta.ws.rs.NotAllowedException;
import jakarta.ws.rs.NotFoundException;
import jakarta.ws.rs.NotSupportedException;
import jakarta.ws.rs.WebApplicationException;
import org.plenum.platform.ErrorCode;
import org.plenum.platform.ServiceException;

/** Finds the coded fault behind any exception. */
public final class Faults {
  private static final int MAX_DEPTH = 20;

  private Faults() {}

  /** The fault; INTERNAL when nothing better is known. */
  public static ServiceException of(Throwable thrown) {
    Throwable cause = thrown;
    for (int depth = 0; cause != null && depth < MAX_DEPTH; depth++) {
      if (cause instanceof ServiceException fault) {
        return fault;
      }
      cause = cause.getCause();
    }
    cause = thrown;
    for (int depth = 0; cause != null && depth < MAX_DEPTH; depth++) {
      if (cause instanceof WebApplicationException web) {
        return new ServiceException(codeOf(web), codeOf(web).title(), null, thrown);
      }
      if (cause instanceof JsonbException || cause instanceof JsonException) {
        return new ServiceException(
            ErrorCode.MALFORMED_REQUEST, "the body is not the JSON expected here", null, thrown);
      }
      cause = cause.getCause();
    }
    return new ServiceException(ErrorCode.INTERNAL, "unexpected failure", null, thrown);
  }

  private static ErrorCode codeOf(WebApplicationException web) {
    return switch (web) {
      case NotFoundException e -> ErrorCode.NOT_FOUND;
      case NotAllowedException e -> ErrorCode.METHOD_NOT_ALLOWED;
      case NotAcceptableException e -> ErrorCode.NOT_ACCEPTABLE;
      case NotSupportedException e -> ErrorCode.UNSUPPORTED_MEDIA_TYPE;
      default -> codeOf(web.getResponse().getStatus());
    };
  }

  private static ErrorCode codeOf(int status) {
    return switch (status) {
      case 401 -> ErrorCode.UNAUTHENTICATED;
      case 403 -> ErrorCode.FORBIDDEN;
      case 404 -> ErrorCode.NOT_FOUND;
      case 405 -> ErrorCode.METHOD_NOT_ALLOWED;
      case 406 -> ErrorCode.NOT_ACCEPTABLE;
      case 413 -> ErrorCode.PAYLOAD_TOO_LARGE;
      case 415 -> ErrorCode.UNSUPPORTED_MEDIA_TYPE;
      default -> status >= 400 && status < 500 ? ErrorCode.MALFORMED_REQUEST : ErrorCode.INTERNAL;
    };
  }
}
