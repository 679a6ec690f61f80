package org.plenum.report.xmpp;

import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.plenum.platform.ServiceException;
import org.plenum.report.api.ReportService;
import org.plenum.report.api.XmppStatus.State;
import org.plenum.report.xmpp.ArchiveException.Reason;
import org.plenum.report.xmpp.PageTaker.Next;
import org.plenum.report.xmpp.PageTaker.Taken;

/**
 * Reads the archive of one XMPP server, from the last report that has taken effect (RPT-3, RPT-4).
 * What arrives live only wakes it up: the archive alone is read, page by page, each in its order,
 * so that there is no seam between catching up and live at which a report could be lost. A page
 * counts as read when all its reports are durable; until then it is read again, and whatever was
 * stored twice is recognised by its key.
 *
 * <p>A message may come to stand in the archive before one that was already read ({@link Trail}).
 * It is missed when it arrived live and the archive's end has been read without it; then, and once
 * after each connection, reading goes back by the overlap. One thread runs it; the other methods
 * may be called by any.
 */
final class XmppIntake implements Runnable {
  private static final Logger LOG = Logger.getLogger(XmppIntake.class.getName());
  private static final int MOST_DOUBLINGS = 20;

  private final XmppAccount account;
  private final ArchiveServer server;
  private final ReportService service;
  private final PageTaker taker;
  private final Pace pace;
  private final LongSupplier nanos;
  private final RandomGenerator random;
  private final XmppMeters meters;
  private final XmppView.Recorder record;
  private final Semaphore hints = new Semaphore(0);
  private final Set<MessageToken> awaited = ConcurrentHashMap.newKeySet();
  private final Trail trail;
  private volatile boolean running = true;
  private volatile @Nullable ArchiveSession session;
  private boolean placed;
  private boolean readTwice;
  private long secondReading;
  private boolean tokensDiffer;
  private boolean goingBack;
  private @Nullable String cursor;
  private int failures;

  /**
   * Bounds and times.
   *
   * @param page messages asked for at a time
   * @param poll longest time between two questions to the archive
   * @param overlap by which a reading goes back
   * @param trail messages that are remembered for that
   * @param submit limit of making a page durable
   * @param firstPause after a connection was lost
   * @param longestPause between attempts
   * @param receipts whether senders that ask for receipts get them
   */
  record Pace(
      int page,
      Duration poll,
      Duration overlap,
      int trail,
      Duration submit,
      Duration firstPause,
      Duration longestPause,
      boolean receipts) {}

  XmppIntake(
      XmppAccount account,
      ArchiveServer server,
      ReportService service,
      XmppReports reports,
      XmppLetters letters,
      Pace pace,
      Clock clock,
      LongSupplier nanos,
      RandomGenerator random,
      XmppMeters meters) {
    this.account = account;
    this.server = server;
    this.service = service;
    this.taker = new PageTaker(service, reports, letters, pace.submit());
    this.pace = pace;
    this.nanos = nanos;
    this.random = random;
    this.meters = meters;
    this.record = new XmppView.Recorder(clock);
    this.trail = new Trail(pace.overlap(), pace.trail());
  }

  /** What can be seen of it now. */
  XmppView view() {
    return record.view();
  }

  /** Lets it end soon: the page in hand is not begun again. */
  void stop() {
    running = false;
    hint();
    ArchiveSession open = session;
    if (open != null) {
      open.close();
    }
  }

  private void hint() {
    if (hints.availablePermits() == 0) {
      hints.release();
    }
  }

  private final class Listener implements Arrivals {
    @Override
    public void hint() {
      XmppIntake.this.hint();
    }

    @Override
    public void archived(MessageToken token) {
      // Beyond the bound the reading that follows is as good a check as any.
      if (awaited.size() < pace.trail()) {
        awaited.add(token);
      }
      hint();
    }

    @Override
    public void notArchived() {
      if (record.notArchived() == 1) {
        LOG.warning(
            () ->
                account.source()
                    + ": the server does not put messages into the archive of the account; they are"
                    + " lost. See the guide on how to set the server up");
      }
      meters.notArchived();
      hint();
    }
  }

  @Override
  public void run() {
    try {
      while (running) {
        try {
          readWhileConnected();
        } catch (ArchiveException e) {
          disconnected(e.getMessage(), e, e.reason() == Reason.REFUSED);
        } catch (ServiceException e) {
          disconnected(e.detail(), e, false);
        } catch (RuntimeException | Error e) {
          // Also a message that nobody foresaw: the intake lives on, and says what is wrong.
          disconnected("unexpected: " + e, e, true);
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void readWhileConnected() throws ArchiveException, InterruptedException {
    if (!placed) {
      goTo(service.position(account.source()).orElse(null));
    }
    awaited.clear();
    try (ArchiveSession open = server.open(new Listener())) {
      session = open;
      // What was on its way while nobody was connected may stand before what was read.
      goBack();
      connected();
      secondReading = nanos.getAsLong() + pace.overlap().toNanos();
      readTwice = false;
      while (running && open.isOpen()) {
        if (!readTwice && nanos.getAsLong() - secondReading >= 0) {
          readTwice = true;
          goBack();
        }
        readOrPause(open);
      }
      if (running) {
        throw open.isReplaced()
            // By a node that took over: who still believes to be the owner must not fight it.
            ? new ArchiveException(Reason.REFUSED, "another connection took the place", null)
            : new ArchiveException(Reason.AWAY, "the connection ended", null);
      }
    } finally {
      session = null;
    }
  }

  private void goTo(@Nullable String place) {
    placed = true;
    cursor = place;
    trail.startBehind(place);
  }

  private void readOrPause(ArchiveSession open) throws ArchiveException, InterruptedException {
    hints.drainPermits();
    Set<MessageToken> due = new HashSet<>(awaited);
    try {
      if (!readPage(open) && !goBackForMissed(open, due)) {
        record.enter(State.LIVE);
        failures = 0;
        hints.tryAcquire(untilNextQuestion(), TimeUnit.NANOSECONDS);
      }
    } catch (ServiceException e) {
      // Our side takes nothing now; the connection is not to blame and stays.
      record.enter(State.CATCHING_UP);
      pauseAfter(e.detail(), e, false);
    }
  }

  private long untilNextQuestion() {
    long poll = pace.poll().toNanos();
    return readTwice ? poll : Math.min(poll, Math.max(1, secondReading - nanos.getAsLong()));
  }

  /** Whether there is more behind the page. */
  private boolean readPage(ArchiveSession open) throws ArchiveException, InterruptedException {
    ArchivePage page;
    try {
      page = open.page(cursor, pace.page());
    } catch (ArchiveException e) {
      if (e.reason() == Reason.GONE && cursor != null) {
        startOver();
        return true;
      }
      throw e;
    }
    if (page.last() == null) {
      goingBack = false;
      return false;
    }
    if (!page.complete()) {
      record.enter(State.CATCHING_UP);
    }
    take(page, open);
    goingBack &= !page.complete();
    return !page.complete();
  }

  private void take(ArchivePage page, ArchiveSession open)
      throws ArchiveException, InterruptedException {
    List<Next> fresh = new ArrayList<>();
    for (ArchivedMessage message : page.messages()) {
      if (!trail.knows(message.token())) {
        fresh.add(new Next(message, null));
      }
    }
    Taken taken = fresh.isEmpty() ? new Taken(0, 0, List.of()) : taker.take(placed(fresh));
    page.messages().forEach(message -> awaited.remove(message.token()));
    // An anchor that moved on before the end was reached would leave the rest of it unread.
    trail.hold(goingBack || !awaited.stream().allMatch(this::wasRead));
    for (ArchivedMessage message : page.messages()) {
      if (!trail.knows(message.token())) {
        trail.add(message.token(), message.archivedAt());
      }
    }
    cursor = next(page);
    failures = 0;
    if (!fresh.isEmpty()) {
      record.took(cursor, fresh.getLast().message().archivedAt(), taken.reports(), taken.refused());
      meters.page(taken.reports(), taken.refused());
    }
    if (pace.receipts()) {
      for (ArchivedMessage message : taken.durable()) {
        if (message.wantsReceipt()) {
          open.receipt(message);
        }
      }
    }
  }

  /** Each with the place that is safe while it is the last one that has taken effect. */
  private List<Next> placed(List<Next> fresh) {
    String place = trail.anchor();
    return fresh.stream().map(next -> new Next(next.message(), place)).toList();
  }

  /**
   * Two messages may have one id: a page that ends with the first of them must not hide the second.
   */
  private static @Nullable String next(ArchivePage page) {
    List<ArchivedMessage> messages = page.messages();
    if (!page.complete()) {
      for (int i = messages.size() - 2; i >= 0; i--) {
        if (!messages.get(i).id().equals(page.last())) {
          return messages.get(i).id();
        }
      }
    }
    return page.last();
  }

  private void startOver() {
    LOG.warning(
        () ->
            account.source()
                + ": the archive no longer has the message "
                + cursor
                + ", behind which reading was to go on; it is read from its beginning. What the"
                + " server deleted before it was taken is lost: keep messages for longer there");
    goTo(null);
    record.startedOver();
    meters.startedOver();
  }

  private void goBack() {
    cursor = trail.anchor();
    goingBack = trail.size() > 0;
  }

  private boolean wasRead(MessageToken token) {
    return trail.knows(token) || (tokensDiffer && trail.knowsId(token.id()));
  }

  /** Whether something arrived live that the archive, read to its end, did not show. */
  private boolean goBackForMissed(ArchiveSession open, Set<MessageToken> due)
      throws ArchiveException, InterruptedException {
    awaited.removeIf(token -> trail.knows(token) || (tokensDiffer && trail.knowsId(token.id())));
    due.retainAll(awaited);
    if (due.isEmpty()) {
      return false;
    }
    goBack();
    meters.wentBack();
    while (running && readPage(open)) {
      // To the end again.
    }
    due.retainAll(awaited);
    for (MessageToken missing : due) {
      awaited.remove(missing);
      if (trail.knowsId(missing.id())) {
        tokensDiffer = true;
      } else {
        LOG.warning(
            () -> account.source() + ": message " + missing.id() + " came and is in no archive");
        record.notArchived();
      }
    }
    return true;
  }

  private void connected() {
    record.connected(cursor);
    meters.connected();
    LOG.info(
        () ->
            account.source()
                + ": connected, reading "
                + (cursor == null ? "from the beginning" : "behind " + cursor));
  }

  private void disconnected(@Nullable String why, Throwable cause, boolean refused)
      throws InterruptedException {
    record.enter(State.CONNECTING);
    pauseAfter(why, cause, refused);
  }

  private void pauseAfter(@Nullable String why, Throwable cause, boolean refused)
      throws InterruptedException {
    if (!running) {
      return;
    }
    boolean news = failures == 0 || !String.valueOf(why).equals(view().lastError());
    LOG.log(news ? Level.WARNING : Level.FINE, () -> account.source() + ": " + why);
    boolean foreseen = cause instanceof ArchiveException || cause instanceof ServiceException;
    LOG.log(foreseen || !news ? Level.FINE : Level.WARNING, "in detail", cause);
    record.failed(String.valueOf(why));
    Duration pause = refused ? pace.longestPause() : pause(failures);
    failures++;
    // Hints of the connection that ended do not end the pause: only the stop does.
    long end = System.nanoTime() + less(pause).toNanos();
    while (running) {
      long left = end - System.nanoTime();
      if (left <= 0 || !hints.tryAcquire(left, TimeUnit.NANOSECONDS)) {
        return;
      }
    }
  }

  private Duration pause(int failed) {
    Duration doubled = pace.firstPause().multipliedBy(1L << Math.min(failed, MOST_DOUBLINGS));
    return doubled.compareTo(pace.longestPause()) < 0 ? doubled : pace.longestPause();
  }

  /** Less by up to half, so that nodes and servers that fell together do not rise together. */
  private Duration less(Duration pause) {
    long nanos = pause.toNanos();
    return Duration.ofNanos(nanos - random.nextLong(nanos / 2 + 1));
  }
}
