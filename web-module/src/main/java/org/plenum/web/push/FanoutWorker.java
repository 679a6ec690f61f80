package org.plenum.web.push;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;
import org.plenum.group.api.Actor;
import org.plenum.group.api.EntryKind;
import org.plenum.group.api.GroupId;
import org.plenum.group.api.HistoryPage;
import org.plenum.update.Signal;
import org.plenum.update.Update;

/**
 * One fan-out thread with the groups that hash to it. Everything about those groups happens here in
 * the order of the stream, so a member that is removed gets nothing of what follows, and no lock is
 * needed. Items come by a queue from any thread; the work never blocks.
 *
 * <p>After a flush the thread pauses for a multiple of what the flush took, up to a bound: an idle
 * group is sent at once, a busy one in batches. Answers to writes leave together with the updates
 * that the writes caused.
 */
final class FanoutWorker implements Runnable {
  private static final Logger LOG = Logger.getLogger(FanoutWorker.class.getName());
  private static final int ITEMS_PER_TURN = 4_096;
  private static final int ENTRIES_PER_FRAME = 256;
  private static final int AWAKE = 0;
  private static final int DOZING = 1;
  private static final int ASLEEP = 2;
  private static final int GATHER_FROM = 8;
  private static final long GATHER_NANOS = 10_000;
  private static final long GATHER_MAX_NANOS = 1_000_000;

  /** Pages of one gap: more than the largest gap has, as a reader that lags may need some twice. */
  private static final int MAX_PAGES = 1_000;

  private static final int BYTES_PER_FRAME = 48 * 1024;

  /** Work for the thread. */
  interface Item {
    void run(FanoutWorker worker);
  }

  /** One of the two frames that have a client look for itself. */
  private interface Resync {
    Frame of(GroupChannel group, long head);
  }

  /**
   * A connection that follows its groups.
   *
   * @param asOf revision as of which its memberships were read: older updates of them are no news
   */
  private record Follower(PushConnection connection, long asOf) {}

  private final PushHub hub;
  private final Queue<Item> inbox = new ConcurrentLinkedQueue<>();
  private final AtomicInteger backlog = new AtomicInteger();
  private final Map<GroupId, GroupChannel> channels = new HashMap<>();
  private final Map<Long, List<Follower>> joined = new HashMap<>();
  private final RecentUpdates recent;
  private final List<GroupChannel> dirtyChannels = new ArrayList<>();
  private final List<PushConnection> dirtyConnections = new ArrayList<>();
  private final byte[] scratch = new byte[Outbound.CHUNK];
  private final long lingerMax;
  private final int lingerFactor;
  private final long answerWait;
  private long pauseUntil;

  /** Updates since the last flush, and when the first of them came. */
  private int fresh;

  private long freshSince;

  /** Whether something waits that is not to be held back, and since when only answers wait. */
  private boolean urgent;

  private long answersSince;

  /** Who wakes this thread: nobody, all but answers to writes, everybody. */
  private volatile int wakes = AWAKE;

  private volatile boolean running = true;
  private volatile @Nullable Thread thread;

  FanoutWorker(PushHub hub, PushConfig config) {
    this.hub = hub;
    this.recent = new RecentUpdates(config.recentUpdates(), config.recentBytes());
    this.lingerMax = config.lingerMax().toNanos();
    this.lingerFactor = config.lingerFactor();
    this.answerWait = config.answerWait().toNanos();
  }

  void post(Item item) {
    inbox.add(item);
    if (wakes != AWAKE) {
      LockSupport.unpark(thread);
    }
  }

  /**
   * Hands over the answer to a write. The write itself is on its way through the stream: the answer
   * waits a moment for it, and both leave in one flush.
   */
  void postAnswer(Item item) {
    inbox.add(item);
    if (wakes == ASLEEP) {
      LockSupport.unpark(thread);
    }
  }

  /** Hands over updates of this thread's groups; false when too many wait already. */
  boolean postUpdates(List<Update> updates, int limit) {
    if (backlog.get() > limit) {
      return false;
    }
    backlog.addAndGet(updates.size());
    post(worker -> worker.handleAll(updates));
    return true;
  }

  /** Updates that wait for this thread. */
  int backlog() {
    return backlog.get();
  }

  void stop() {
    running = false;
    LockSupport.unpark(thread);
  }

  @Override
  public void run() {
    thread = Thread.currentThread();
    while (running && !Thread.currentThread().isInterrupted()) {
      takeItems();
      if (idle()) {
        sleep();
      } else {
        pause();
        takeItems();
        flush();
      }
    }
  }

  /** Says after which revision this thread sees every update of its groups. */
  void startsAfter(long revision) {
    recent.startsAfter(revision);
  }

  /** Updates were lost: only what follows the revision is complete. */
  void restartAfter(long revision) {
    recent.restart(revision);
  }

  /** The heads known here are of updates that the database lost. */
  void forgetHeads() {
    channels.values().forEach(GroupChannel::forgetHead);
  }

  /** Does everything that is there, without a pause; for tests that are their own thread. */
  void runOnce() {
    do {
      takeItems();
      flush();
    } while (!inbox.isEmpty());
  }

  private boolean idle() {
    return dirtyChannels.isEmpty() && dirtyConnections.isEmpty();
  }

  private void sleep() {
    wakes = ASLEEP;
    if (inbox.isEmpty() && running) {
      LockSupport.park(this);
    }
    wakes = AWAKE;
  }

  /** Waits until it is time to flush, taking in what comes meanwhile. */
  private void pause() {
    for (long wait = untilFlush(); wait > 0 && running; wait = untilFlush()) {
      if (!urgent) {
        wakes = DOZING;
        // Only an update ends this early, and one that has just come is not overlooked.
        takeItems();
        if (!urgent) {
          LockSupport.parkNanos(this, wait);
        }
        wakes = AWAKE;
      } else {
        LockSupport.parkNanos(this, wait);
      }
      takeItems();
      if (Thread.currentThread().isInterrupted()) {
        return;
      }
    }
  }

  private long untilFlush() {
    long now = System.nanoTime();
    long paused = pauseUntil - now;
    if (!urgent) {
      return Math.max(paused, answersSince + answerWait - now);
    }
    // The answers to many writes take a while to come: they are to leave in the same flush.
    long gather = Math.min(GATHER_MAX_NANOS, fresh * GATHER_NANOS) - (now - freshSince);
    return Math.max(paused, fresh < GATHER_FROM ? 0 : gather);
  }

  private void takeItems() {
    for (int i = 0; i < ITEMS_PER_TURN; i++) {
      Item item = inbox.poll();
      if (item == null) {
        return;
      }
      try {
        item.run(this);
      } catch (RuntimeException | Error e) {
        LOG.log(Level.SEVERE, "a fan-out item failed; the thread goes on", e);
      }
    }
  }

  private void flush() {
    long start = System.nanoTime();
    try {
      for (int i = 0; i < dirtyChannels.size(); i++) {
        emit(dirtyChannels.get(i));
      }
      for (int i = 0; i < dirtyConnections.size(); i++) {
        dirtyConnections.get(i).outbound().pump(scratch);
      }
    } catch (RuntimeException | Error e) {
      LOG.log(Level.SEVERE, "a flush failed; the thread goes on", e);
      for (int i = 0; i < dirtyChannels.size(); i++) {
        dirtyChannels.get(i).pending.clear();
      }
      hub.shedSockets("a flush failed");
    }
    dirtyChannels.clear();
    dirtyConnections.clear();
    fresh = 0;
    urgent = false;
    long end = System.nanoTime();
    pauseUntil = end + Math.min(lingerMax, (end - start) * lingerFactor);
  }

  /** Marks a connection for the next flush. */
  void dirty(PushConnection connection) {
    urgent = true;
    mark(connection);
  }

  /** Marks a connection that has nothing but the answer to a write. */
  void answered(PushConnection connection) {
    if (idle()) {
      answersSince = System.nanoTime();
    }
    mark(connection);
  }

  private void mark(PushConnection connection) {
    int size = dirtyConnections.size();
    if (size == 0 || dirtyConnections.get(size - 1) != connection) {
      dirtyConnections.add(connection);
    }
  }

  // ---- updates ---------------------------------------------------------------------------------

  private void handleAll(List<Update> updates) {
    backlog.addAndGet(-updates.size());
    urgent = true;
    if (fresh == 0) {
      freshSince = System.nanoTime();
    }
    fresh += updates.size();
    boolean failed = false;
    for (Update update : updates) {
      recent.add(update);
      try {
        handle(update);
      } catch (RuntimeException | Error e) {
        LOG.log(Level.SEVERE, e, () -> "update " + update.revision() + " failed in fan-out");
        if (!failed) {
          // At once: what follows may be for fewer eyes than this thread now believes.
          failed = true;
          hub.shedSockets("an update failed in fan-out");
        }
      }
    }
  }

  private void handle(Update update) {
    switch (update.kind()) {
      case READ_MARKED -> {
        Frame frame = ServerMessages.read(update.group(), update.target(), update.no());
        toAccount(update.actorId(), frame, update.revision());
      }
      case GROUP_CREATED -> {
        enter(update, update.actorId());
        append(update);
      }
      case MEMBER_JOINED -> {
        enter(update, update.subjectId());
        append(update);
      }
      case MEMBER_LEFT, MEMBER_REMOVED, MEMBER_BANNED -> {
        leave(update);
        append(update);
      }
      case GROUP_DISSOLVED -> {
        append(update);
        dissolve(update.group());
      }
      case MEMBER_REQUESTED,
          REQUEST_DECLINED,
          MEMBER_INVITED,
          INVITATION_DECLINED,
          MEMBER_UNBANNED -> {
        append(update);
        tellSubject(update);
      }
      default -> append(update);
    }
  }

  private void append(Update update) {
    GroupChannel channel = channels.get(update.group());
    if (channel == null) {
      return;
    }
    channel.advance(update.seq());
    if (channel.pending.isEmpty()) {
      channel.dirtySince = System.nanoTime();
      dirtyChannels.add(channel);
    }
    channel.pending.add(update);
  }

  private void enter(Update update, long account) {
    List<Follower> followers = joined.get(account);
    if (followers == null) {
      return;
    }
    GroupChannel channel = channelOf(update.group(), update.seq() - 1);
    emit(channel);
    for (Follower follower : followers) {
      PushConnection connection = follower.connection();
      if (update.revision() > follower.asOf() && connection.subscription(channel) == null) {
        send(connection, ServerMessages.membership(update.group(), "joined", update.seq()));
        Subscription subscription = new Subscription(connection, channel, update.seq() - 1);
        channel.add(subscription);
        connection.subscribed(List.of(subscription));
      }
    }
    dropIfUnused(channel);
  }

  private void leave(Update update) {
    long account = subjectOf(update);
    List<Follower> followers = joined.get(account);
    if (followers == null) {
      return;
    }
    GroupChannel channel = channels.get(update.group());
    for (Follower follower : followers) {
      PushConnection connection = follower.connection();
      if (update.revision() > follower.asOf()) {
        Subscription subscription = channel == null ? null : connection.subscription(channel);
        if (subscription != null) {
          end(subscription);
          connection.outbound().purge(subscription.channel);
        }
        send(
            connection,
            ServerMessages.membership(update.group(), change(update.kind()), update.seq()));
      }
    }
    if (channel != null) {
      dropIfUnused(channel);
    }
  }

  private void dissolve(GroupId group) {
    GroupChannel channel = channels.get(group);
    if (channel == null) {
      return;
    }
    emit(channel);
    for (Subscription subscription : List.copyOf(channel.subscriptions)) {
      end(subscription);
    }
    dropIfUnused(channel);
  }

  private void tellSubject(Update update) {
    toAccount(
        subjectOf(update),
        ServerMessages.membership(update.group(), change(update.kind()), update.seq()),
        update.revision());
  }

  private void toAccount(long account, Frame frame, long revision) {
    List<Follower> followers = joined.get(account);
    if (followers == null) {
      return;
    }
    for (Follower follower : followers) {
      if (revision > follower.asOf()) {
        send(follower.connection(), frame);
      }
    }
  }

  private void send(PushConnection connection, Frame frame) {
    if (connection.outbound().offerAlways(frame)) {
      dirty(connection);
    } else {
      hub.tooSlow(connection);
    }
  }

  private static long subjectOf(Update update) {
    return update.subjectId() == 0 ? update.actorId() : update.subjectId();
  }

  private static String change(EntryKind kind) {
    return switch (kind) {
      case MEMBER_JOINED, GROUP_CREATED -> "joined";
      case MEMBER_LEFT -> "left";
      case MEMBER_REMOVED -> "removed";
      case MEMBER_BANNED -> "banned";
      case MEMBER_UNBANNED -> "unbanned";
      case MEMBER_REQUESTED -> "requested";
      case REQUEST_DECLINED -> "declined";
      case MEMBER_INVITED -> "invited";
      case INVITATION_DECLINED -> "uninvited";
      default -> throw new IllegalArgumentException("no membership kind: " + kind);
    };
  }

  // ---- sending ---------------------------------------------------------------------------------

  private void emit(GroupChannel channel) {
    List<Update> pending = channel.pending;
    int size = pending.size();
    if (size == 0) {
      return;
    }
    int from = 0;
    while (from < size) {
      if (pending.get(from).json().length == 0) {
        skip(channel, pending.get(from).seq());
        from++;
      } else {
        int to = frameEnd(pending, from);
        emit(channel, pending, from, to);
        from = to;
      }
    }
    pending.clear();
    hub.meters().flushed(System.nanoTime() - channel.dirtySince);
  }

  private void emit(GroupChannel channel, List<Update> updates, int from, int to) {
    Frame frame = Frame.updates(channel, updates, from, to);
    long first = updates.get(from).seq();
    long last = updates.get(to - 1).seq();
    int sent = 0;
    List<Subscription> subscriptions = channel.subscriptions;
    for (int i = 0; i < subscriptions.size(); i++) {
      Subscription subscription = subscriptions.get(i);
      subscription.confirm(first);
      if (subscription.state != Subscription.State.LIVE || subscription.lastSeq >= last) {
        continue;
      }
      if (subscription.lastSeq == first - 1) {
        offer(subscription, frame, last);
        sent++;
      } else if (subscription.lastSeq >= first) {
        int tail = from + (int) (subscription.lastSeq - first + 1);
        offer(subscription, Frame.updates(channel, updates, tail, to), last);
      } else {
        resync(subscription);
      }
    }
    hub.meters().delivered(sent, (long) sent * (to - from));
  }

  private static int frameEnd(List<Update> updates, int from) {
    int to = from;
    int bytes = 0;
    while (to < updates.size()
        && to - from < ENTRIES_PER_FRAME
        && updates.get(to).json().length > 0
        && (to == from || bytes + updates.get(to).json().length <= BYTES_PER_FRAME)) {
      bytes += updates.get(to).json().length;
      to++;
    }
    return to;
  }

  /** An entry that is no longer kept: sockets are told to look for themselves. */
  private void skip(GroupChannel channel, long seq) {
    List<Subscription> subscriptions = channel.subscriptions;
    for (int i = 0; i < subscriptions.size(); i++) {
      Subscription subscription = subscriptions.get(i);
      subscription.confirm(seq);
      if (subscription.state == Subscription.State.LIVE && subscription.lastSeq < seq) {
        subscription.lastSeq = seq;
        send(subscription.connection, ServerMessages.resync(channel, seq));
      }
    }
  }

  private void offer(Subscription subscription, Frame frame, long last) {
    PushConnection connection = subscription.connection;
    if (connection.outbound().offer(frame)) {
      subscription.lastSeq = last;
    } else {
      subscription.state = Subscription.State.LAGGING;
      connection.outbound().purge(subscription.channel);
      hub.meters().overflow();
    }
    dirty(connection);
  }

  private void resync(Subscription subscription) {
    resync(subscription, ServerMessages::resync);
  }

  private void resync(Subscription subscription, Resync frame) {
    GroupChannel channel = subscription.channel;
    subscription.state = Subscription.State.LIVE;
    subscription.assumed = false;
    subscription.lastSeq = channel.head();
    hub.meters().resync();
    send(subscription.connection, frame.of(channel, channel.head()));
  }

  /** The connection's backlog is gone: groups that were dropped for it start again. */
  void resumeLagging(PushConnection connection) {
    for (Subscription subscription : connection.subscriptions()) {
      if (subscription.channel.worker == this && subscription.state == Subscription.State.LAGGING) {
        emit(subscription.channel);
        resync(subscription);
      }
    }
  }

  /** Tells the others in the group that somebody types. */
  void typing(PushConnection from, GroupId group, Actor by) {
    GroupChannel channel = channels.get(group);
    if (channel == null || from.subscription(channel) == null) {
      return;
    }
    typing(group, by);
    hub.signals().send(new Signal.Typing(group, by));
  }

  /** Somebody types, here or on another node. */
  void typing(GroupId group, Actor by) {
    GroupChannel channel = channels.get(group);
    if (channel == null) {
      return;
    }
    Frame frame = ServerMessages.typing(channel, by);
    for (Subscription subscription : channel.subscriptions) {
      if (subscription.connection.account() != by.id()
          && subscription.connection.outbound().offer(frame)) {
        dirty(subscription.connection);
      }
    }
  }

  // ---- joining and leaving ---------------------------------------------------------------------

  /**
   * Where a socket enters a group: it has everything up to {@code from} of {@code head}, which is
   * the head as of the revision at which the memberships were read, or a later one; it may be ahead
   * of this thread.
   */
  static final class Entry {
    long from;
    final long head;

    /** Whether the client's gap is too large to be filled. */
    boolean tooFar;

    /** Last sequence that the client says it has, 0 when it says none. */
    long seen;

    final List<Update> missed = new ArrayList<>(0);

    Entry(long from, long head) {
      this.from = from;
      this.head = head;
    }
  }

  /**
   * Makes a connection follow its groups of this thread, as read at a revision; what this thread
   * has handled after that revision is applied from the recent updates.
   */
  void join(Join join, long revision, Map<GroupId, Entry> entries) {
    PushConnection connection = join.connection();
    if (!join.current()) {
      return;
    }
    forget(connection);
    if (!recent.coverAfter(revision)) {
      hub.joinAgain(join);
      return;
    }
    boolean unknownPast = join.position() > 0 && !replayPast(join.position(), entries);
    replay(connection, revision, entries);
    List<Subscription> subscriptions = new ArrayList<>(entries.size());
    for (Map.Entry<GroupId, Entry> each : entries.entrySet()) {
      subscriptions.add(enter(connection, each.getKey(), each.getValue()));
    }
    connection.subscribed(subscriptions);
    joined
        .computeIfAbsent(connection.account(), id -> new ArrayList<>(1))
        .add(new Follower(connection, revision));
    for (Subscription subscription : subscriptions) {
      Entry entry = entries.get(subscription.channel.id());
      if (entry != null && entry.tooFar && entry.seen > subscription.channel.head()) {
        resync(subscription, ServerMessages::otherHistory);
      } else if (unknownPast || (entry != null && entry.tooFar)) {
        resync(subscription);
      } else if (join.position() > 0 && entry != null && entry.missed.isEmpty()) {
        // A position says nothing about what this thread has still to handle.
        subscription.assumed = true;
      } else if (subscription.state == Subscription.State.CATCHING_UP) {
        hub.fetch(subscription, subscription.lastSeq + 1);
      }
    }
    dirty(connection);
  }

  /** Collects what came between a position and the heads; false when that is not known here. */
  private boolean replayPast(long position, Map<GroupId, Entry> entries) {
    if (!recent.coverAfter(position)) {
      return false;
    }
    recent.forEachAfter(
        position,
        update -> {
          Entry entry = entries.get(update.group());
          if (entry != null && update.seq() > 0 && update.seq() <= entry.head) {
            entry.from = Math.min(entry.from, update.seq() - 1);
            entry.missed.add(update);
          }
        });
    return true;
  }

  private void replay(PushConnection connection, long revision, Map<GroupId, Entry> entries) {
    long account = connection.account();
    recent.forEachAfter(
        revision,
        update -> {
          switch (update.kind()) {
            case GROUP_CREATED, MEMBER_JOINED -> {
              long who =
                  update.kind() == EntryKind.GROUP_CREATED ? update.actorId() : update.subjectId();
              if (who == account && !entries.containsKey(update.group())) {
                send(connection, ServerMessages.membership(update.group(), "joined", update.seq()));
                entries.put(update.group(), new Entry(update.seq() - 1, update.seq() - 1));
              }
            }
            case MEMBER_LEFT, MEMBER_REMOVED, MEMBER_BANNED -> {
              if (subjectOf(update) == account) {
                send(
                    connection,
                    ServerMessages.membership(update.group(), change(update.kind()), update.seq()));
                entries.remove(update.group());
              }
            }
            case GROUP_DISSOLVED -> entries.remove(update.group());
            case READ_MARKED -> {
              if (update.actorId() == account) {
                send(connection, ServerMessages.read(update.group(), update.target(), update.no()));
              }
            }
            default -> {}
          }
          Entry entry = entries.get(update.group());
          if (entry != null && update.seq() > entry.head) {
            entry.missed.add(update);
          }
        });
  }

  private Subscription enter(PushConnection connection, GroupId group, Entry entry) {
    GroupChannel channel = channelOf(group, entry.head);
    emit(channel);
    channel.advance(entry.head);
    Subscription subscription = new Subscription(connection, channel, entry.from);
    channel.add(subscription);
    boolean gap = entry.missed.isEmpty() || entry.missed.getFirst().seq() != entry.from + 1;
    if (entry.from < entry.head && gap) {
      subscription.state = Subscription.State.CATCHING_UP;
    } else {
      catchUpFrom(subscription, entry.missed);
    }
    return subscription;
  }

  private void catchUpFrom(Subscription subscription, List<Update> missed) {
    if (missed.isEmpty()) {
      return;
    }
    GroupChannel channel = subscription.channel;
    channel.advance(missed.getLast().seq());
    boolean whole =
        missed.getFirst().seq() == subscription.lastSeq + 1
            && missed.stream().noneMatch(update -> update.json().length == 0);
    if (!whole) {
      resync(subscription);
      return;
    }
    int from = 0;
    while (from < missed.size() && subscription.state == Subscription.State.LIVE) {
      int to = frameEnd(missed, from);
      offer(subscription, Frame.updates(channel, missed, from, to), missed.get(to - 1).seq());
      from = to;
    }
  }

  /** A page of the gap before a subscription has come. */
  void fetched(Subscription subscription, HistoryPage page) {
    if (subscription.state != Subscription.State.CATCHING_UP) {
      return;
    }
    GroupChannel channel = subscription.channel;
    emit(channel);
    if (!page.entries().isEmpty()) {
      if (page.fromSeq() != subscription.lastSeq + 1) {
        resync(subscription);
        return;
      }
      long last = subscription.lastSeq + page.entries().size();
      offer(subscription, Frame.history(channel, page.entries()), last);
      if (subscription.state != Subscription.State.CATCHING_UP) {
        return;
      }
    }
    channel.advance(page.head().seq());
    if (subscription.lastSeq < page.head().seq()) {
      fetchMore(subscription, page.entries().isEmpty());
      return;
    }
    List<Update> missed = new ArrayList<>();
    long known = subscription.lastSeq;
    recent.forEachAfter(
        page.revision(),
        update -> {
          if (update.group().equals(channel.id()) && update.seq() > known) {
            missed.add(update);
          }
        });
    // The page's revision is that of the group's last update, long gone from the recent ones where
    // others are busy; the channel's head, kept since the join, tells whether anything came after.
    boolean whole =
        recent.coverAfter(page.revision())
            || (missed.isEmpty() ? known >= channel.head() : missed.getFirst().seq() == known + 1);
    if (whole) {
      subscription.state = Subscription.State.LIVE;
      catchUpFrom(subscription, missed);
    } else {
      fetchMore(subscription, false);
    }
  }

  private void fetchMore(Subscription subscription, boolean useless) {
    if (useless || ++subscription.pages > MAX_PAGES) {
      resync(subscription);
    } else {
      hub.fetch(subscription, subscription.lastSeq + 1);
    }
  }

  /** The gap before a subscription cannot be read now: the client fetches it itself. */
  void fetchFailed(Subscription subscription) {
    if (subscription.state == Subscription.State.CATCHING_UP) {
      emit(subscription.channel);
      resync(subscription);
    }
  }

  /** Says for each of these clients, where it is so, that all of this thread's groups is queued. */
  void check(List<Checkpoint> checkpoints) {
    for (Checkpoint checkpoint : checkpoints) {
      PushConnection connection = checkpoint.connection();
      if (follows(connection) && allQueued(connection) && checkpoint.reached()) {
        dirty(connection);
      }
    }
  }

  private boolean follows(PushConnection connection) {
    List<Follower> followers = joined.get(connection.account());
    return followers != null
        && followers.stream().anyMatch(follower -> follower.connection() == connection);
  }

  private boolean allQueued(PushConnection connection) {
    for (Subscription subscription : connection.subscriptions()) {
      if (subscription.channel.worker == this) {
        emit(subscription.channel);
        if (subscription.state == Subscription.State.CATCHING_UP
            || subscription.state == Subscription.State.LAGGING) {
          return false;
        }
      }
    }
    return true;
  }

  /** Ends everything this thread does for a connection. */
  void forget(PushConnection connection) {
    boolean any = false;
    for (Subscription subscription : connection.subscriptions()) {
      if (subscription.channel.worker == this && subscription.state != Subscription.State.ENDED) {
        subscription.state = Subscription.State.ENDED;
        subscription.channel.remove(subscription);
        dropIfUnused(subscription.channel);
        any = true;
      }
    }
    if (any) {
      connection.unsubscribed();
    }
    List<Follower> followers = joined.get(connection.account());
    if (followers != null
        && followers.removeIf(follower -> follower.connection() == connection)
        && followers.isEmpty()) {
      joined.remove(connection.account());
    }
  }

  private void end(Subscription subscription) {
    subscription.state = Subscription.State.ENDED;
    subscription.channel.remove(subscription);
    subscription.connection.unsubscribed();
  }

  private GroupChannel channelOf(GroupId group, long head) {
    return channels.computeIfAbsent(group, id -> new GroupChannel(id, this, head));
  }

  private void dropIfUnused(GroupChannel channel) {
    if (channel.subscriptions.isEmpty()) {
      channel.pending.clear();
      channels.remove(channel.id(), channel);
    }
  }
}
