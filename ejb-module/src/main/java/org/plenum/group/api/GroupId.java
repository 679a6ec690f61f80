package org.plenum.group.api;

import java.time.Clock;
import java.util.UUID;
import org.plenum.platform.ErrorCode;
import org.plenum.platform.Ids;
import org.plenum.platform.ServiceException;

/** Identity of a group: a UUIDv7 given by the business node. */
public record GroupId(UUID value) implements Comparable<GroupId> {
  /** A new id. */
  public static GroupId newId(Clock clock) {
    return new GroupId(Ids.newId(clock));
  }

  /**
   * Reads the canonical text of 36 characters.
   *
   * @throws ServiceException {@link ErrorCode#GROUP_NOT_FOUND} when the text is no group id
   */
  public static GroupId parse(String text) {
    if (text.length() == 36) {
      try {
        return new GroupId(UUID.fromString(text));
      } catch (IllegalArgumentException e) {
        throw new ServiceException(ErrorCode.GROUP_NOT_FOUND, "not a group id", null, e);
      }
    }
    throw new ServiceException(ErrorCode.GROUP_NOT_FOUND, "not a group id");
  }

  @Override
  public int compareTo(GroupId other) {
    return value.compareTo(other.value);
  }

  @Override
  public String toString() {
    return value.toString();
  }
}
