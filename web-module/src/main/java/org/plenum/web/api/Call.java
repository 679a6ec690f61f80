package org.plenum.web.api;

import jakarta.ws.rs.container.ContainerRequestContext;
import java.time.Clock;
import java.util.Arrays;
import java.util.Locale;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.plenum.account.api.Account;
import org.plenum.group.api.Actor;
import org.plenum.group.api.Durability;
import org.plenum.group.api.GroupId;
import org.plenum.group.api.ReadPoint;
import org.plenum.platform.ErrorCode;
import org.plenum.platform.Ids;
import org.plenum.platform.ServiceException;
import org.plenum.web.auth.Caller;

/** One authenticated request, with the headers that all operations share. Not thread-safe. */
public final class Call {
  /** Response and request header: a position in the order of all updates. */
  public static final String POSITION = "Plenum-Position";

  /** Header of responses: milliseconds for which an update has waited to be applied here. */
  public static final String LAG = "Plenum-Lag";

  static final String PROPERTY = Call.class.getName();

  private static final int DEFAULT_LIMIT = 50;
  private static final int MAX_LIMIT = 200;

  private final Caller caller;
  private final ContainerRequestContext request;
  private @Nullable ReadPoint readPoint;

  Call(Caller caller, ContainerRequestContext request) {
    this.caller = caller;
    this.request = request;
  }

  /**
   * The call of this request.
   *
   * @throws ServiceException UNAUTHENTICATED when nobody was authenticated
   */
  public static Call of(ContainerRequestContext request) {
    if (request.getProperty(PROPERTY) instanceof Call call) {
      return call;
    }
    throw new ServiceException(ErrorCode.UNAUTHENTICATED, "sign in first");
  }

  /** Who calls, by which token. */
  public Caller caller() {
    return caller;
  }

  /** Who calls. */
  public Account account() {
    return caller.account();
  }

  /** The caller as it acts in groups. */
  public Actor actor() {
    return caller.account().actor();
  }

  /**
   * Demands a platform administrator.
   *
   * @throws ServiceException FORBIDDEN
   */
  public void requireAdmin() {
    if (!caller.account().admin()) {
      throw new ServiceException(ErrorCode.FORBIDDEN, "platform administrators only");
    }
  }

  /** The Idempotency-Key, or null. */
  public @Nullable UUID idempotencyKey() {
    return clientId(request.getHeaderString("Idempotency-Key"), "Idempotency-Key");
  }

  /** The client id of a write: from the header, else from the body, else a new one. */
  public UUID clientId(@Nullable String ofBody) {
    UUID key = idempotencyKey();
    if (key == null) {
      key = clientId(ofBody, "clientId");
    }
    return key == null ? Ids.newId(Clock.systemUTC()) : key;
  }

  /** What the caller wants an acknowledgement to mean. */
  public Durability durability() {
    String text = request.getHeaderString("Plenum-Durability");
    return text == null
        ? Durability.DISK
        : choice(Durability.class, text.strip(), "Plenum-Durability");
  }

  /**
   * What the caller has seen before, and what the reads of this request show it: one for the whole
   * request.
   *
   * @throws ServiceException INVALID_VALUE when the header is no position
   */
  public ReadPoint readPoint() {
    if (readPoint == null) {
      String text = request.getHeaderString(POSITION);
      readPoint = ReadPoint.of(text == null ? 0 : number(text.strip(), POSITION, 0));
    }
    return readPoint;
  }

  /** What the reads of a request have shown so far; null when it read nothing of groups. */
  static @Nullable ReadPoint readPointOf(ContainerRequestContext request) {
    return request.getProperty(PROPERTY) instanceof Call call ? call.readPoint : null;
  }

  /** The value of a request header, or null. */
  public @Nullable String header(String name) {
    return request.getHeaderString(name);
  }

  /** A list's limit. */
  public static int limit(@Nullable String text) {
    if (text == null) {
      return DEFAULT_LIMIT;
    }
    long limit = number(text, "limit", 1);
    if (limit > MAX_LIMIT) {
      throw invalid("limit is at most " + MAX_LIMIT);
    }
    return (int) limit;
  }

  /** A number that is not below the minimum. */
  public static long number(String text, String name, long min) {
    try {
      long number = Long.parseLong(text);
      if (number >= min) {
        return number;
      }
    } catch (NumberFormatException e) {
      throw new ServiceException(
          ErrorCode.INVALID_VALUE, name + " must be a whole number", null, e);
    }
    throw invalid(name + " must be at least " + min);
  }

  /**
   * An id of a path that is a number.
   *
   * @throws ServiceException NOT_FOUND when it is none: then there is no such thing
   */
  public static long id(String text, String what) {
    try {
      return Long.parseLong(text);
    } catch (NumberFormatException e) {
      throw new ServiceException(ErrorCode.NOT_FOUND, "not the id of " + what, null, e);
    }
  }

  /** A group id of a path. */
  public static GroupId group(String text) {
    return GroupId.parse(text);
  }

  /**
   * An account id of a path.
   *
   * @throws ServiceException ACCOUNT_NOT_FOUND when it is none
   */
  public static long accountId(String text) {
    try {
      return Long.parseLong(text);
    } catch (NumberFormatException e) {
      throw new ServiceException(ErrorCode.ACCOUNT_NOT_FOUND, "not an account id", null, e);
    }
  }

  /** One of the constants, in any case. */
  public static <E extends Enum<E>> E choice(Class<E> type, String text, String name) {
    try {
      return Enum.valueOf(type, text.toUpperCase(Locale.ROOT));
    } catch (IllegalArgumentException e) {
      throw new ServiceException(
          ErrorCode.INVALID_VALUE,
          name + " must be one of " + String.join(", ", names(type)),
          null,
          e);
    }
  }

  /** A value that must be there. */
  public static <T> T required(@Nullable T value, String name) {
    if (value == null) {
      throw invalid(name + " is missing");
    }
    return value;
  }

  private static @Nullable UUID clientId(@Nullable String text, String name) {
    UUID id = uuid(text, name);
    if (id != null && Ids.isOfName(id)) {
      throw invalid("version 8 client ids are reserved");
    }
    return id;
  }

  private static @Nullable UUID uuid(@Nullable String text, String name) {
    if (text == null) {
      return null;
    }
    String stripped = text.strip();
    if (stripped.length() == 36) {
      try {
        return UUID.fromString(stripped);
      } catch (IllegalArgumentException e) {
        throw new ServiceException(ErrorCode.INVALID_VALUE, name + " must be a UUID", null, e);
      }
    }
    throw invalid(name + " must be a UUID");
  }

  private static <E extends Enum<E>> Iterable<String> names(Class<E> type) {
    return Arrays.stream(type.getEnumConstants()).map(Enum::name).toList();
  }

  private static ServiceException invalid(String detail) {
    return new ServiceException(ErrorCode.INVALID_VALUE, detail);
  }
}
