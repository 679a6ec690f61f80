package org.plenum.report.xmpp;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.plenum.report.xmpp.ArchiveException.Reason;

/** An XMPP server with one archive, in memory, that does what a test tells it to. Thread-safe. */
final class FakeArchive implements ArchiveServer {
  static final String ADA = "ada@chat.test/phone";
  static final Instant ARCHIVED = Instant.parse("2026-11-24T10:00:00Z");

  /** What happens when a page is asked for; may throw. */
  interface Event {
    void asked() throws ArchiveException;
  }

  private final List<ArchivedMessage> messages = new ArrayList<>();
  private final List<String> receipts = new ArrayList<>();
  private final int most;
  private Event beforePage = () -> {};
  private Event afterPage = () -> {};
  private Event opening = () -> {};
  private Runnable idle = () -> {};
  private Arrivals arrivals = new NobodyListens();
  private Instant newest = ARCHIVED;
  private int pages;
  private int opened;

  /** One that gives no more than this many messages at a time. */
  FakeArchive(int most) {
    this.most = most;
  }

  synchronized void beforePage(Event event) {
    beforePage = event;
  }

  /** After the page was read by the server, before it is with the client. */
  synchronized void afterPage(Event event) {
    afterPage = event;
  }

  synchronized void opening(Event event) {
    opening = event;
  }

  /** Called when a page is empty. */
  synchronized void idle(Runnable action) {
    idle = action;
  }

  /** A report of Ada with this number, and the hint that a live message is. */
  synchronized void report(int number) {
    add(report(number, number));
  }

  /**
   * A report that comes to stand before as many messages that are there, but before none that is
   * older than the newest one by more than these seconds.
   */
  synchronized void lateReport(int number, int before, int seconds) {
    int place = messages.size();
    while (place > 0
        && messages.size() - place < before
        && !time(messages.get(place - 1)).isBefore(newest.minusSeconds(seconds))) {
      place--;
    }
    Instant at = place == messages.size() ? newest : time(messages.get(place));
    ArchivedMessage on = report(number, number);
    ArchivedMessage late =
        new ArchivedMessage(on.id(), ADA, on.messageId(), on.body(), null, at, false);
    messages.add(place, late);
    arrivals.archived(late.token());
  }

  private static Instant time(ArchivedMessage message) {
    return Objects.requireNonNull(message.archivedAt());
  }

  private static ArchivedMessage report(int number, int second) {
    return new ArchivedMessage(
        "a" + number,
        ADA,
        "m" + number,
        "{\"kind\":\"state\",\"body\":{\"n\":" + number + "}}",
        null,
        ARCHIVED.plusSeconds(second),
        false);
  }

  synchronized void add(ArchivedMessage message) {
    messages.add(message);
    Instant at = message.archivedAt();
    newest = at != null && at.isAfter(newest) ? at : newest;
    arrivals.archived(message.token());
  }

  /** Keys of the reports that are there, in their order. */
  synchronized List<String> keys() {
    return messages.stream().map(message -> message.token().key()).toList();
  }

  static ArchivedMessage text(String id, String from, @Nullable String body) {
    return new ArchivedMessage(id, from, "m-" + id, body, null, ARCHIVED, false);
  }

  /** As an expiry of the server does. */
  synchronized void deleteOldest(int count) {
    messages.subList(0, Math.min(count, messages.size())).clear();
  }

  synchronized int size() {
    return messages.size();
  }

  synchronized int pages() {
    return pages;
  }

  synchronized int opened() {
    return opened;
  }

  synchronized List<String> receipts() {
    return List.copyOf(receipts);
  }

  @Override
  public synchronized ArchiveSession open(Arrivals listener) throws ArchiveException {
    opened++;
    opening.asked();
    arrivals = listener;
    return new Session();
  }

  private synchronized ArchivePage read(@Nullable String after, int asked) throws ArchiveException {
    pages++;
    beforePage.asked();
    int from = 0;
    if (after != null) {
      while (from < messages.size() && !messages.get(from).id().equals(after)) {
        from++;
      }
      if (from == messages.size()) {
        throw new ArchiveException(Reason.GONE, "no message " + after, null);
      }
      from++;
    }
    int to = Math.min(messages.size(), from + Math.min(asked, most));
    List<ArchivedMessage> page = List.copyOf(messages.subList(from, to));
    boolean complete = to == messages.size();
    afterPage.asked();
    if (page.isEmpty()) {
      idle.run();
    }
    return new ArchivePage(page, page.isEmpty() ? null : page.getLast().id(), complete);
  }

  private final class Session implements ArchiveSession {
    private volatile boolean open = true;

    @Override
    public ArchivePage page(@Nullable String after, int asked) throws ArchiveException {
      return read(after, asked);
    }

    @Override
    public void receipt(ArchivedMessage message) {
      synchronized (FakeArchive.this) {
        receipts.add(message.id());
      }
    }

    @Override
    public boolean isOpen() {
      return open;
    }

    @Override
    public boolean isReplaced() {
      return false;
    }

    @Override
    public void close() {
      open = false;
      synchronized (FakeArchive.this) {
        arrivals = new NobodyListens();
      }
    }
  }

  private record NobodyListens() implements Arrivals {
    @Override
    public void hint() {}

    @Override
    public void archived(MessageToken token) {}

    @Override
    public void notArchived() {}
  }
}
