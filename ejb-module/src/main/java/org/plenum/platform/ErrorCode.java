package org.plenum.platform;

import java.util.Locale;

/**
 * Every coded error a caller can meet, with the HTTP status it maps to. The constant's name is the
 * stable code of the API and of the JMS and socket protocols; titles are for people.
 */
public enum ErrorCode {
  MALFORMED_REQUEST(400, "The request could not be read"),
  INVALID_VALUE(400, "A value is missing or not allowed"),
  INVALID_CURSOR(400, "The cursor is not one of ours"),
  INVALID_UTF8(400, "The text is not valid UTF-8"),
  UNAUTHENTICATED(401, "Sign in first"),
  TOKEN_EXPIRED(401, "The token has expired"),
  TOKEN_REJECTED(401, "The token was not accepted"),
  WRONG_CREDENTIALS(401, "Name or password is wrong"),
  FORBIDDEN(403, "You are not allowed to do this"),
  ORIGIN_REJECTED(403, "Connections from this origin are not allowed"),
  ACCOUNT_DISABLED(403, "The account is disabled"),
  NOT_A_MEMBER(403, "You are not a member of this group"),
  MEMBER_MUTED(403, "You are muted in this group"),
  MEMBER_BANNED(403, "You are banned from this group"),
  ROLE_REQUIRED(403, "Your role in this group does not allow this"),
  POSTING_RESTRICTED(403, "Only the owner and admins post in this group"),
  NOT_FOUND(404, "There is no such thing"),
  GROUP_NOT_FOUND(404, "There is no such group"),
  ACCOUNT_NOT_FOUND(404, "There is no such account"),
  MESSAGE_NOT_FOUND(404, "There is no such message"),
  MEMBER_NOT_FOUND(404, "There is no such member of this group"),
  METHOD_NOT_ALLOWED(405, "This operation is not offered here"),
  NOT_ACCEPTABLE(406, "No acceptable representation"),
  CLIENT_ID_REUSED(409, "The client id was used before with another content"),
  GROUP_ARCHIVED(409, "The group is archived"),
  GROUP_NOT_ARCHIVED(409, "The group is not archived"),
  GROUP_DISSOLVED(410, "The group was dissolved"),
  GROUP_FULL(409, "The group is full"),
  TOO_MANY_PENDING(409, "Too many invitations and requests to join the group are open"),
  GROUP_KEY_TAKEN(409, "Another group has this key"),
  ACCOUNT_NAME_TAKEN(409, "Another account has this name"),
  ALREADY_MEMBER(409, "Already a member of this group"),
  ALREADY_INVITED(409, "Already invited to this group"),
  ALREADY_REQUESTED(409, "Joining was already requested"),
  NO_INVITATION(409, "There is no invitation to this group"),
  NO_REQUEST(409, "There is no request to join"),
  NOT_BANNED(409, "The account is not banned"),
  ACCOUNT_BANNED(409, "The account is banned from this group"),
  NOT_MUTED(409, "The member is not muted"),
  JOIN_NOT_OPEN(409, "This group is not joined this way"),
  OWNER_REQUIRED(409, "A group is never without an owner: transfer ownership first"),
  MESSAGE_RECALLED(409, "The message was recalled"),
  NOTHING_TO_CHANGE(409, "Nothing would change"),
  REPLICA_NOT_CONFIGURED(409, "The database has no synchronous replica"),
  FEED_REPLACED(409, "Another processing server took the place of this one"),
  BACKUP_RUNNING(409, "A backup is being made"),
  BACKUP_ELSEWHERE(409, "This database is backed up by its own tools"),
  LENGTH_REQUIRED(411, "The length of the body is needed"),
  PAYLOAD_TOO_LARGE(413, "The body is too large"),
  UNSUPPORTED_MEDIA_TYPE(415, "The media type is not supported"),
  UPGRADE_REQUIRED(426, "This address speaks WebSocket only"),
  RATE_LIMITED(429, "Too many requests"),
  INTERNAL(500, "Something went wrong on our side"),
  WRITER_BUSY(503, "The writer has more work than it accepts"),
  WRITER_UNAVAILABLE(503, "The writer cannot be reached"),
  REPLICA_AWAY(503, "The replica of the database does not confirm writes"),
  READ_UNAVAILABLE(503, "The data cannot be read at this moment"),
  POSITION_NOT_REACHED(503, "What the position names is not stored (yet)"),
  REPORT_QUEUE_FULL(503, "More reports wait than are accepted"),
  REPORT_STORAGE_FAILED(503, "Reports cannot be made durable at this moment"),
  REPORTS_UNAVAILABLE(503, "This node takes no reports at this moment"),
  TIMEOUT(503, "No answer in time; retry with the same client id");

  private final int status;
  private final String title;

  ErrorCode(int status, String title) {
    this.status = status;
    this.title = title;
  }

  /** The HTTP status of this error. */
  public int status() {
    return status;
  }

  /** A short sentence for people; never parsed by programs. */
  public String title() {
    return title;
  }

  /** The code in lower case with hyphens, as used in problem type URNs. */
  public String slug() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** Whether the same request may succeed later without any change. */
  public boolean transientFault() {
    return status == 503 || status == 429;
  }
}
