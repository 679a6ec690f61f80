package org.plenum.platform;

import jakarta.ejb.ApplicationException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The one exception for outcomes that are not part of a sealed result; translated once, at the
 * edge. EJB containers roll back and pass it on as it is.
 */
@ApplicationException(rollback = true)
public class ServiceException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final ErrorCode code;
  private final @Nullable Duration retryAfter;

  /**
   * Creates an error with a detail for people; the detail must not carry secrets or message texts.
   */
  public ServiceException(ErrorCode code, String detail) {
    this(code, detail, null, null);
  }

  /** Creates an error with its cause and a hint when to try again. */
  @SuppressWarnings("this-escape")
  public ServiceException(
      ErrorCode code, String detail, @Nullable Duration retryAfter, @Nullable Throwable cause) {
    super(detail, cause);
    this.code = code;
    this.retryAfter = retryAfter;
  }

  /** The stable code. */
  public ErrorCode code() {
    return code;
  }

  /** When to try again, or null. */
  public @Nullable Duration retryAfter() {
    return retryAfter;
  }

  /** The detail for people. */
  public String detail() {
    String message = getMessage();
    return message == null ? code.title() : message;
  }
}
