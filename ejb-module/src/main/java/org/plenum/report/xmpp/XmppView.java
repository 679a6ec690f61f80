package org.plenum.report.xmpp;

import java.time.Clock;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.plenum.report.api.XmppStatus.State;

/**
 * What can be seen of an intake.
 *
 * @param since when the state began
 * @param position behind which the archive is read next; null for the beginning
 * @param lastArchived when the server took the last message that was read; null before the first
 * @param received reports taken
 * @param refused messages that were no reports
 * @param connections connections made
 * @param gone how often the archive had lost the place, and was read from its beginning
 * @param goneAt when that was the last time
 * @param notArchived messages that came and are in no archive: lost, unless their senders repeat
 * @param lastError why the last connection or page failed
 */
record XmppView(
    State state,
    Instant since,
    @Nullable String position,
    @Nullable Instant lastArchived,
    long received,
    long refused,
    long connections,
    long gone,
    @Nullable Instant goneAt,
    long notArchived,
    @Nullable String lastError) {

  /** Keeps the view up to date. Thread-safe. */
  static final class Recorder {
    private final Clock clock;
    private State state = State.CONNECTING;
    private Instant since;
    private @Nullable String position;
    private @Nullable Instant lastArchived;
    private long received;
    private long refused;
    private long connections;
    private long gone;
    private @Nullable Instant goneAt;
    private long notArchived;
    private @Nullable String lastError;

    Recorder(Clock clock) {
      this.clock = clock;
      this.since = clock.instant();
    }

    synchronized XmppView view() {
      return new XmppView(
          state,
          since,
          position,
          lastArchived,
          received,
          refused,
          connections,
          gone,
          goneAt,
          notArchived,
          lastError);
    }

    synchronized void enter(State next) {
      if (state != next) {
        state = next;
        since = clock.instant();
      }
    }

    synchronized void connected(@Nullable String place) {
      connections++;
      position = place;
      state = State.CATCHING_UP;
      since = clock.instant();
    }

    synchronized void took(
        @Nullable String place, @Nullable Instant archived, int reports, int letters) {
      position = place;
      lastArchived = archived == null ? lastArchived : archived;
      received += reports;
      refused += letters;
    }

    synchronized void startedOver() {
      position = null;
      gone++;
      goneAt = clock.instant();
    }

    /** Gives how many there are now. */
    synchronized long notArchived() {
      return ++notArchived;
    }

    synchronized void failed(String why) {
      lastError = why;
    }
  }
}
