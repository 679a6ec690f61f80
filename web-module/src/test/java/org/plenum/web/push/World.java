package org.plenum.web.push;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.DoubleSupplier;
import org.jspecify.annotations.Nullable;
import org.plenum.account.api.Account;
import org.plenum.group.api.Actor;
import org.plenum.group.api.EntryKind;
import org.plenum.group.api.GroupEvent;
import org.plenum.group.api.GroupId;
import org.plenum.group.api.GroupQueryService;
import org.plenum.group.api.GroupState;
import org.plenum.group.api.GroupStatus;
import org.plenum.group.api.GroupType;
import org.plenum.group.api.Head;
import org.plenum.group.api.HistoryPage;
import org.plenum.group.api.MemberStatus;
import org.plenum.group.api.Membership;
import org.plenum.group.api.MyGroup;
import org.plenum.group.api.Page;
import org.plenum.group.api.PostingRule;
import org.plenum.group.api.ReadPoint;
import org.plenum.group.api.Role;
import org.plenum.platform.ErrorCode;
import org.plenum.platform.ServiceException;
import org.plenum.platform.metrics.Meters;
import org.plenum.update.Update;
import org.plenum.update.UpdateListener;
import org.plenum.update.UpdateStream;
import org.plenum.web.InMemoryAccounts;
import org.plenum.web.MutableClock;
import org.plenum.web.auth.Caller;

/**
 * A node in memory whose parts move only when told: commits, the stream, a reader that lags, reads
 * in the background, fan-out turns.
 */
final class World implements GroupQueryService, UpdateStream, Meters {
  static final Instant START = Instant.parse("2026-11-22T20:00:00Z");

  final MutableClock clock = new MutableClock(START);
  final InMemoryAccounts accounts = new InMemoryAccounts();
  final Deque<Runnable> background = new ArrayDeque<>();
  final List<Update> log = new ArrayList<>();
  final Map<String, Long> counts = new HashMap<>();

  /** Revisions that the reader has applied. */
  int readerRevision;

  /** Revisions by which heads are read ahead of the reader, as after a miss of its caches. */
  int headsAhead;

  /** How long something has waited to be applied. */
  long lagMillis;

  /** Pages of history that were read. */
  int pagesRead;

  /** A counter that fails when it is used, or null. */
  @Nullable String failingCounter;

  private final PushHub hub;
  private final FanoutWorker[] workers;
  private @Nullable UpdateListener listener;
  private int delivered;

  World(int threads) {
    this(config(threads));
  }

  World(PushConfig config) {
    this.hub = new PushHub(config, "test", this, accounts, this, clock, background::add);
    this.workers = hub.listen(this);
  }

  static PushConfig config(int threads) {
    return config(threads, Duration.ofMillis(2));
  }

  static PushConfig config(int threads, Duration answerWait) {
    return new PushConfig(
        threads,
        Duration.ofMillis(5),
        4,
        answerWait,
        64 * 1024,
        1_000_000,
        1_000,
        Duration.ofSeconds(30),
        Duration.ofSeconds(15),
        Duration.ofSeconds(10),
        Duration.ofSeconds(10),
        Duration.ofSeconds(2),
        4,
        100,
        50,
        100,
        7,
        4,
        64,
        1_000_000,
        100_000);
  }

  PushHub hub() {
    return hub;
  }

  FanoutWorker[] workers() {
    return workers;
  }

  // ---- what happens ----------------------------------------------------------------------------

  Update commit(EntryKind kind, GroupId group, long actor, long subject) {
    long revision = log.size() + 1L;
    long seq = kind == EntryKind.READ_MARKED ? 0 : headSeq(group, log.size()) + 1;
    byte[] json = ("{\"seq\":" + seq + ",\"kind\":\"" + kind.wire() + "\"}").getBytes(UTF_8);
    Update update = new Update(revision, 1, group, seq, kind, actor, subject, 0, seq, json);
    log.add(update);
    return update;
  }

  int undelivered() {
    return log.size() - delivered;
  }

  void deliver(int count) {
    int to = Math.min(log.size(), delivered + count);
    if (to > delivered && listener != null) {
      List<Update> batch = List.copyOf(log.subList(delivered, to));
      delivered = to;
      listener.onUpdates(batch);
    }
  }

  /** Delivers, reads and flushes until nothing is left to do. */
  void settle() {
    deliver(Integer.MAX_VALUE / 2);
    readerRevision = log.size();
    do {
      while (!background.isEmpty()) {
        background.remove().run();
      }
      for (FanoutWorker worker : workers) {
        worker.runOnce();
      }
    } while (!background.isEmpty());
  }

  // ---- sockets ---------------------------------------------------------------------------------

  /** A socket with what its peer has received. */
  record Socket(PushConnection connection, FakeSink sink) {
    List<String> frames() {
      byte[] sent = sink.sent();
      return connection.framing() == Frame.Framing.EVENTS
          ? List.of(new String(sent, UTF_8).split("\n\n"))
          : ServerFrames.read(sent);
    }
  }

  Socket open(long account) {
    return open(account, Frame.Framing.WEB_SOCKET);
  }

  Socket open(long account, Frame.Framing framing) {
    FakeSink sink = new FakeSink();
    Account who = new Account(account, "name" + account, "Name " + account, false, false, START);
    accounts.put(who);
    hub.admit(account);
    PushConnection connection =
        hub.open(new Caller(who, START.plusSeconds(3_600), START), framing, sink);
    sink.attach(connection.outbound());
    return new Socket(connection, sink);
  }

  // ---- the reader ------------------------------------------------------------------------------

  boolean member(GroupId group, long account, int revision) {
    boolean member = false;
    for (Update update : log.subList(0, revision)) {
      if (update.group().equals(group)) {
        switch (update.kind()) {
          case GROUP_CREATED -> member |= update.actorId() == account;
          case MEMBER_JOINED -> member |= update.subjectId() == account;
          case MEMBER_LEFT, MEMBER_REMOVED, MEMBER_BANNED ->
              member &= update.subjectId() != account;
          case GROUP_DISSOLVED -> member = false;
          default -> {}
        }
      }
    }
    return member;
  }

  long headSeq(GroupId group, int revision) {
    return log.subList(0, revision).stream()
        .filter(update -> update.group().equals(group))
        .mapToLong(Update::seq)
        .max()
        .orElse(0);
  }

  private GroupState state(GroupId group, int revision) {
    long head = headSeq(group, revision);
    return new GroupState(
        group,
        new GroupEvent.Settings(GroupType.PUBLIC, "g", "", PostingRule.EVERYONE, 0),
        null,
        GroupStatus.ACTIVE,
        1,
        1,
        head,
        head,
        1,
        START);
  }

  @Override
  public Subscriptions subscriptions(long account) {
    Map<GroupId, MyGroup> groups = new LinkedHashMap<>();
    for (Update update : log.subList(0, readerRevision)) {
      GroupId group = update.group();
      if (!groups.containsKey(group) && member(group, account, readerRevision)) {
        groups.put(
            group,
            new MyGroup(
                state(group, Math.min(log.size(), readerRevision + headsAhead)),
                new Membership(
                    group,
                    new Actor(account, "n"),
                    MemberStatus.ACTIVE,
                    Role.MEMBER,
                    null,
                    START,
                    0,
                    0)));
      }
    }
    return new Subscriptions(groups, readerRevision);
  }

  @Override
  public HistoryPage historyFrom(
      long account, GroupId group, long from, int limit, ReadPoint point) {
    if (!member(group, account, readerRevision)) {
      throw new ServiceException(ErrorCode.NOT_A_MEMBER, "no");
    }
    List<byte[]> entries =
        log.subList(0, readerRevision).stream()
            .filter(update -> update.group().equals(group) && update.seq() >= Math.max(1, from))
            .limit(limit)
            .map(Update::json)
            .toList();
    pagesRead++;
    long head = headSeq(group, readerRevision);
    // As the reader does: the revision of the group's own last update, not of all that is applied.
    long revision =
        log.subList(0, readerRevision).stream()
            .filter(update -> update.group().equals(group) && update.seq() > 0)
            .mapToLong(Update::revision)
            .max()
            .orElse(0);
    return new HistoryPage(group, entries, from, 1, new Head(head, head), revision, true);
  }

  @Override
  public long subscribe(UpdateListener subscriber) {
    listener = subscriber;
    return delivered;
  }

  @Override
  public long lagMillis() {
    return lagMillis;
  }

  @Override
  public long appliedRevision() {
    return delivered;
  }

  // ---- not asked here --------------------------------------------------------------------------

  @Override
  public Page<MyGroup> groupsOf(long account, @Nullable String cursor, int limit, ReadPoint point) {
    throw new UnsupportedOperationException();
  }

  @Override
  public Page<MyGroup> pendingOf(
      long account, @Nullable String cursor, int limit, ReadPoint point) {
    throw new UnsupportedOperationException();
  }

  @Override
  public Map<GroupId, Membership> memberships(long account, ReadPoint point) {
    throw new UnsupportedOperationException();
  }

  @Override
  public Page<GroupState> directory(
      String text, @Nullable String cursor, int limit, ReadPoint point) {
    throw new UnsupportedOperationException();
  }

  @Override
  public GroupState group(long account, GroupId group, ReadPoint point) {
    throw new UnsupportedOperationException();
  }

  @Override
  public Optional<Membership> membership(long account, GroupId group, ReadPoint point) {
    throw new UnsupportedOperationException();
  }

  @Override
  public Page<Membership> members(
      long account,
      GroupId group,
      MemberStatus status,
      @Nullable String cursor,
      int limit,
      ReadPoint point) {
    throw new UnsupportedOperationException();
  }

  @Override
  public HistoryPage historyBefore(
      long account, GroupId group, long before, int limit, ReadPoint point) {
    throw new UnsupportedOperationException();
  }

  @Override
  public int pendingIn(GroupId group, int upTo) {
    throw new UnsupportedOperationException();
  }

  @Override
  public Optional<GroupId> byKey(String key) {
    throw new UnsupportedOperationException();
  }

  // ---- meters ----------------------------------------------------------------------------------

  @Override
  public Counter counter(String name, String doc) {
    return count -> {
      if (name.equals(failingCounter)) {
        throw new IllegalStateException(name);
      }
      counts.merge(name, count, Long::sum);
    };
  }

  @Override
  public void gauge(String name, String doc, DoubleSupplier value) {}

  @Override
  public Summary summary(String name, String doc) {
    return value -> {};
  }
}
