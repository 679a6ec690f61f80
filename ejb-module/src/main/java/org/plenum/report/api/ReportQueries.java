package org.plenum.report.api;

import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.plenum.group.api.GroupId;
import org.plenum.group.api.Page;
import org.plenum.platform.ServiceException;

/**
 * What reports have led to. Reads the database; blocks for it. Thread-safe. Errors: {@link
 * ServiceException} with READ_UNAVAILABLE, INVALID_CURSOR.
 */
public interface ReportQueries {
  /**
   * A stored report.
   *
   * @param no its place in the order of storing
   */
  record Stored(long no, UUID id, ReportEnvelope envelope, Instant storedAt) {}

  /**
   * What a device of a user confirmed last.
   *
   * @param device empty when the report named none
   * @param expiresAt from then on the confirmation says nothing any more
   */
  record State(
      String user,
      String device,
      UserState state,
      String source,
      UUID reportId,
      Instant confirmedAt,
      Instant expiresAt) {}

  /** Reports that came in an hour. */
  record Summary(Instant hour, String source, String kind, long reports) {}

  /** Up to which entry of a group the clients of a user confirmed to have got messages. */
  record Delivery(String user, long seq, Instant confirmedAt) {}

  /**
   * Stored reports in the order of storing, oldest first.
   *
   * @param source of this source only; null for all
   */
  Page<Stored> reports(@Nullable String source, @Nullable String cursor, int limit);

  /** The states in force of these users; a user without one is not in the answer. */
  Map<String, UserState> states(Collection<String> users);

  /** The states in force, by user and device. */
  Page<State> states(@Nullable String cursor, int limit);

  /** Summaries since an hour, newest first, at most so many. */
  List<Summary> summaries(Instant since, int limit);

  /** Deliveries in a group, at most so many. */
  List<Delivery> deliveries(GroupId group, int limit);
}
