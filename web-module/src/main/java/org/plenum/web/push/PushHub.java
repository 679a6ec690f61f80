package org.plenum.web.push;

import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;
import org.plenum.account.api.Account;
import org.plenum.account.api.AccountService;
import org.plenum.group.api.Actor;
import org.plenum.group.api.GroupId;
import org.plenum.group.api.GroupQueryService;
import org.plenum.group.api.GroupQueryService.Subscriptions;
import org.plenum.group.api.HistoryPage;
import org.plenum.group.api.MyGroup;
import org.plenum.platform.CorrelationId;
import org.plenum.platform.ErrorCode;
import org.plenum.platform.ServiceException;
import org.plenum.platform.metrics.Meters;
import org.plenum.update.Signals;
import org.plenum.update.Update;
import org.plenum.update.UpdateListener;
import org.plenum.update.UpdateStream;
import org.plenum.web.auth.Caller;

/**
 * The sockets of this node and their way to the update stream (decision 8). Groups are spread over
 * fan-out threads; reads of snapshots and history run elsewhere, a bounded number at a time; one
 * timer sends heartbeats and ends what is dead, slow, expired or silent. Thread-safe.
 */
public final class PushHub implements UpdateListener {
  private static final Logger LOG = Logger.getLogger(PushHub.class.getName());
  private static final int MAX_JOIN_ATTEMPTS = 60;
  private static final Duration JOIN_RETRY = Duration.ofMillis(50);
  private static final Duration TICK = Duration.ofMillis(250);

  /** Attempts of a client that is ahead count as many as the time between them has room for. */
  private static final int AHEAD_WEIGHT = (int) TICK.dividedBy(JOIN_RETRY);

  private static final Duration MAX_LAG = Duration.ofSeconds(1);
  private static final int PHASES = 4;
  private static final long CLOSE_WAIT_NANOS = Duration.ofSeconds(5).toNanos();
  private static final Duration RETRY_LATER = Duration.ofSeconds(5);

  private final PushConfig config;
  private final String node;
  private final GroupQueryService queries;
  private final AccountService accounts;
  private final Clock clock;
  private final Executor reads;
  private final PushMeters meters;
  private final Map<Long, PushConnection> connections = new ConcurrentHashMap<>();
  private final Map<Long, Integer> perAccount = new ConcurrentHashMap<>();
  private final AtomicInteger sockets = new AtomicInteger();
  private final AtomicLong ids = new AtomicLong();
  private final List<Thread> threads = new ArrayList<>();

  /** Joins of clients that have seen more than there is here; the timer tries them again. */
  private final Queue<Join> ahead = new ConcurrentLinkedQueue<>();

  private volatile LongSupplier lagMillis = () -> 0;
  private volatile FanoutWorker[] workers = {};
  private volatile Signals signals = Signals.NONE;
  private volatile boolean running;
  private long lastRevision;

  /** Every update up to it was handed to the fan-out threads, or all sockets were closed. */
  private volatile long handedOver;

  /**
   * A hub that is not started.
   *
   * @param node this node's name as clients see it
   * @param reads runs tasks that may block, a bounded number at a time
   */
  public PushHub(
      PushConfig config,
      String node,
      GroupQueryService queries,
      AccountService accounts,
      Meters meters,
      Clock clock,
      Executor reads) {
    this.config = config;
    this.node = node;
    this.queries = queries;
    this.accounts = accounts;
    this.clock = clock;
    this.reads = reads;
    this.meters = new PushMeters(meters);
  }

  /** Starts the threads and listens to the stream. */
  public void start(UpdateStream stream, ThreadFactory factory) {
    listen(stream);
    for (int i = 0; i < workers.length; i++) {
      startThread(factory, workers[i], "plenum-push-" + i);
    }
    startThread(factory, this::tickForever, "plenum-push-timer");
    meters.gauge("push_sockets", "Open sockets", sockets::get);
    meters.gauge("push_backlog", "Updates that wait for fan-out", this::backlog);
    meters.gauge("push_queued_bytes", "Bytes that wait for slow sockets", this::queuedBytes);
  }

  /** Listens to the stream without threads; tests run the workers themselves. */
  FanoutWorker[] listen(UpdateStream stream) {
    FanoutWorker[] made = new FanoutWorker[config.fanoutThreads()];
    for (int i = 0; i < made.length; i++) {
      made[i] = new FanoutWorker(this, config);
    }
    lastRevision = stream.appliedRevision();
    handedOver = lastRevision;
    lagMillis = stream::lagMillis;
    running = true;
    workers = made;
    long after = stream.subscribe(this);
    for (FanoutWorker worker : made) {
      worker.post(self -> self.startsAfter(after));
    }
    return made;
  }

  /** Whether every thread of push works. */
  boolean alive() {
    return threads.stream().allMatch(Thread::isAlive);
  }

  private void startThread(ThreadFactory factory, Runnable task, String name) {
    Thread thread = factory.newThread(task);
    thread.setName(name);
    threads.add(thread);
    thread.start();
  }

  /** Says goodbye to every socket and ends the threads. */
  public void stop() throws InterruptedException {
    running = false;
    for (PushConnection connection : connections.values()) {
      connection.close(CloseCode.GOING_AWAY, "going away", "GOING_AWAY");
    }
    long end = System.nanoTime() + Duration.ofSeconds(2).toNanos();
    while (!connections.isEmpty() && System.nanoTime() < end) {
      LockSupport.parkNanos(Duration.ofMillis(20).toNanos());
    }
    for (PushConnection connection : connections.values()) {
      connection.outbound().kill();
    }
    for (FanoutWorker worker : workers) {
      worker.stop();
    }
    for (Thread thread : threads) {
      thread.interrupt();
      thread.join(Duration.ofSeconds(5));
    }
  }

  /** Tells other nodes what passes by; nobody until it is set. */
  void tell(Signals others) {
    signals = others;
  }

  Signals signals() {
    return signals;
  }

  /** Somebody types at another node. */
  void typingElsewhere(GroupId group, Actor by) {
    if (running) {
      workerOf(group).post(worker -> worker.typing(group, by));
    }
  }

  PushConfig config() {
    return config;
  }

  PushMeters meters() {
    return meters;
  }

  /** Open sockets. */
  public int sockets() {
    return sockets.get();
  }

  private int backlog() {
    int sum = 0;
    for (FanoutWorker worker : workers) {
      sum += worker.backlog();
    }
    return sum;
  }

  /** Frames that several sockets share count for each: an upper bound of the heap they hold. */
  private long queuedBytes() {
    long sum = 0;
    for (PushConnection connection : connections.values()) {
      sum += connection.outbound().queuedBytes();
    }
    return sum;
  }

  // ---- sockets ---------------------------------------------------------------------------------

  /**
   * Takes a place for a socket of the account; given back when the connection dies.
   *
   * @throws ServiceException RATE_LIMITED when the account has too many, READ_UNAVAILABLE when this
   *     node has too many or is stopping
   */
  void admit(long account) {
    if (!running || sockets.incrementAndGet() > config.socketsTotal()) {
      if (running) {
        sockets.decrementAndGet();
      }
      throw new ServiceException(
          ErrorCode.READ_UNAVAILABLE, "this node takes no more sockets", RETRY_LATER, null);
    }
    int open = perAccount.merge(account, 1, Integer::sum);
    if (open > config.socketsPerAccount()) {
      release(account);
      throw new ServiceException(
          ErrorCode.RATE_LIMITED, "the account has too many open sockets", RETRY_LATER, null);
    }
  }

  /** Gives back a place that was taken but not used. */
  void release(long account) {
    sockets.decrementAndGet();
    perAccount.computeIfPresent(account, (id, open) -> open == 1 ? null : open - 1);
  }

  /** A connection on an admitted place. */
  PushConnection open(Caller caller, Frame.Framing framing, Sink sink) {
    long id = ids.incrementAndGet();
    PushConnection connection = new PushConnection(this, id, caller, framing, sink);
    // Spread over the interval, so that heartbeats do not come in waves.
    long interval = config.heartbeat().toNanos();
    connection.nextHeartbeat = System.nanoTime() + interval / 2 + (id * 7919 % 64) * interval / 128;
    connections.put(id, connection);
    return connection;
  }

  /** The connection is dead: everything kept for it goes. */
  void gone(PushConnection connection) {
    if (connections.remove(connection.id()) != null) {
      release(connection.account());
      for (FanoutWorker worker : workers) {
        worker.post(self -> self.forget(connection));
      }
    }
  }

  /** Ends a socket that does not take what it is sent. */
  void tooSlow(PushConnection connection) {
    meters.shed();
    connection.closeNow(CloseCode.TRY_AGAIN_LATER, "too slow");
  }

  void drained(PushConnection connection) {
    for (FanoutWorker worker : workers) {
      worker.post(self -> orResume(connection, () -> self.resumeLagging(connection)));
    }
  }

  FanoutWorker workerOf(PushConnection connection, @Nullable GroupId group) {
    return group == null ? workers[(int) (connection.id() % workers.length)] : workerOf(group);
  }

  private FanoutWorker workerOf(GroupId group) {
    return workers[slot(group, workers.length)];
  }

  private static int slot(GroupId group, int count) {
    // The low half of the id is random.
    return (int) Long.remainderUnsigned(group.value().getLeastSignificantBits(), count);
  }

  // ---- updates ---------------------------------------------------------------------------------

  @Override
  public void onUpdates(List<Update> updates) {
    boolean gap = updates.getFirst().revision() != lastRevision + 1;
    lastRevision = updates.getLast().revision();
    boolean taken = true;
    if (workers.length == 1) {
      taken = workers[0].postUpdates(updates, config.backlogUpdates());
    } else {
      taken = split(updates);
    }
    if (gap || !taken) {
      shedAll(gap ? "the update log has a gap" : "fan-out is overloaded");
    }
    handedOver = lastRevision;
  }

  @Override
  public void onAnotherHistory(long revision) {
    lastRevision = revision;
    for (FanoutWorker worker : workers) {
      worker.post(FanoutWorker::forgetHeads);
    }
    shedAll("the database lost updates");
    handedOver = revision;
  }

  private boolean split(List<Update> updates) {
    int count = workers.length;
    List<List<Update>> parts = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      parts.add(List.of());
    }
    for (Update update : updates) {
      int slot = slot(update.group(), count);
      if (parts.get(slot).isEmpty()) {
        parts.set(slot, new ArrayList<>(updates.size()));
      }
      parts.get(slot).add(update);
    }
    boolean taken = true;
    for (int i = 0; i < count; i++) {
      if (!parts.get(i).isEmpty()) {
        taken &= workers[i].postUpdates(parts.get(i), config.backlogUpdates());
      }
    }
    return taken;
  }

  /**
   * Updates were not handed over: memberships can no longer be trusted, so every socket resumes.
   */
  private void shedAll(String reason) {
    long floor = lastRevision;
    for (FanoutWorker worker : workers) {
      worker.post(self -> self.restartAfter(floor));
    }
    shedSockets(reason);
  }

  /** Closes every socket so that it resumes; what the workers remember stays valid. */
  void shedSockets(String reason) {
    if (connections.isEmpty()) {
      return;
    }
    LOG.warning(() -> "all sockets are closed and will resume: " + reason);
    for (PushConnection connection : connections.values()) {
      meters.shed();
      connection.closeNow(CloseCode.TRY_AGAIN_LATER, "resume");
    }
  }

  // ---- joining ---------------------------------------------------------------------------------

  /** Reads what the connection's account follows and joins it to the live stream. */
  void join(PushConnection connection, Map<GroupId, Long> resume, long position) {
    Join join = new Join(connection, connection.startJoin(), resume, position);
    read(() -> readAndJoin(join), () -> connection.close(CloseCode.TRY_AGAIN_LATER, "busy", null));
  }

  void joinAgain(Join join) {
    if (!join.repeated().compareAndSet(false, true)) {
      return;
    }
    if (join.attempt() >= MAX_JOIN_ATTEMPTS) {
      join.connection().close(CloseCode.TRY_AGAIN_LATER, "the reader is behind", null);
      return;
    }
    read(
        () -> {
          LockSupport.parkNanos(JOIN_RETRY.toNanos());
          readAndJoin(join.next(1));
        },
        () -> join.connection().close(CloseCode.TRY_AGAIN_LATER, "busy", null));
  }

  private void readAndJoin(Join join) {
    PushConnection connection = join.connection();
    if (!join.current()) {
      return;
    }
    Subscriptions found;
    try {
      found = queries.subscriptions(connection.account());
    } catch (ServiceException e) {
      connection.answer(ServerMessages.error(null, e.code(), e.detail(), e.retryAfter()), null);
      connection.close(CloseCode.TRY_AGAIN_LATER, "no subscriptions", null);
      return;
    }
    if (aheadOf(found, join.resume()) && waitsAhead(join)) {
      return;
    }
    if (join.tells(found.revision())) {
      // Again when it is read again: what came between the two heads is in neither stream.
      Frame welcome = ServerMessages.welcome(connection.caller().account(), node, found.groups());
      boolean fromHere =
          connection.framing() == Frame.Framing.EVENTS
              && join.position() == 0
              && join.resume().isEmpty();
      connection.answer(fromHere ? Frame.welcome(welcome, found.revision()) : welcome, null);
    }
    List<Map<GroupId, FanoutWorker.Entry>> parts = entries(join, found);
    for (int i = 0; i < workers.length; i++) {
      Map<GroupId, FanoutWorker.Entry> part = parts.get(i);
      workers[i].post(
          worker -> orResume(connection, () -> worker.join(join, found.revision(), part)));
    }
  }

  /**
   * The reader of this node may only be behind the one that the client was on: the client waits for
   * it on no thread, up to three seconds. False when it has waited long enough.
   */
  private boolean waitsAhead(Join join) {
    if (join.attempt() < MAX_JOIN_ATTEMPTS) {
      if (join.repeated().compareAndSet(false, true)) {
        ahead.add(join.next(AHEAD_WEIGHT));
      }
      return true;
    }
    if (lagMillis.getAsLong() > MAX_LAG.toMillis()) {
      join.connection().close(CloseCode.TRY_AGAIN_LATER, "the reader is behind", null);
      return true;
    }
    return false;
  }

  private void retryAhead() {
    for (int waiting = ahead.size(); waiting > 0; waiting--) {
      Join join = ahead.poll();
      if (join == null) {
        return;
      }
      if (join.current()) {
        read(
            () -> readAndJoin(join),
            () -> join.connection().close(CloseCode.TRY_AGAIN_LATER, "busy", null));
      }
    }
  }

  /** Whether the client has seen entries that are not there. */
  private static boolean aheadOf(Subscriptions found, Map<GroupId, Long> resume) {
    for (Map.Entry<GroupId, Long> seen : resume.entrySet()) {
      MyGroup mine = found.groups().get(seen.getKey());
      if (mine != null && seen.getValue() > mine.group().headSeq()) {
        return true;
      }
    }
    return false;
  }

  /**
   * Runs a fan-out thread's work for one connection. Where it fails halfway nobody knows what the
   * client would miss from then on, so the socket is closed and resumes.
   */
  private void orResume(PushConnection connection, Runnable work) {
    try {
      work.run();
    } catch (RuntimeException e) {
      CorrelationId.during(
          connection.correlation(),
          () -> LOG.log(Level.SEVERE, "fan-out failed for a socket, which closes and resumes", e));
      meters.shed();
      connection.closeNow(CloseCode.TRY_AGAIN_LATER, "resume");
    }
  }

  private List<Map<GroupId, FanoutWorker.Entry>> entries(Join join, Subscriptions found) {
    List<Map<GroupId, FanoutWorker.Entry>> parts = new ArrayList<>(workers.length);
    for (int i = 0; i < workers.length; i++) {
      parts.add(new HashMap<>());
    }
    long budget = config.resumeTotal();
    for (Map.Entry<GroupId, MyGroup> each : found.groups().entrySet()) {
      GroupId group = each.getKey();
      long head = each.getValue().group().headSeq();
      Long seen = join.resume().get(group);
      long from = head;
      boolean tooFar = false;
      if (seen != null && seen < head) {
        long gap = head - seen;
        tooFar = gap > config.resumeEntries() || gap > budget;
        if (!tooFar) {
          budget -= gap;
          from = seen;
        }
      } else if (seen != null && seen > head) {
        // It has waited: the database was restored to an earlier state.
        tooFar = true;
      }
      FanoutWorker.Entry entry = new FanoutWorker.Entry(from, head);
      entry.tooFar = tooFar;
      entry.seen = seen == null ? 0 : seen;
      parts.get(slot(group, workers.length)).put(group, entry);
    }
    return parts;
  }

  /** Reads the next page of the gap before a subscription. */
  void fetch(Subscription subscription, long from) {
    FanoutWorker worker = subscription.channel.worker;
    read(
        () -> {
          try {
            HistoryPage page =
                queries.historyFrom(
                    subscription.connection.account(),
                    subscription.channel.id(),
                    from,
                    config.resumePage(),
                    0);
            worker.post(
                self -> orResume(subscription.connection, () -> self.fetched(subscription, page)));
          } catch (ServiceException e) {
            resyncUnread(worker, subscription);
          }
        },
        () -> resyncUnread(worker, subscription));
  }

  private void resyncUnread(FanoutWorker worker, Subscription subscription) {
    worker.post(self -> orResume(subscription.connection, () -> self.fetchFailed(subscription)));
  }

  private void read(Runnable task, Runnable refused) {
    String correlation = CorrelationId.current();
    try {
      reads.execute(
          () -> {
            CorrelationId.bind(correlation);
            try {
              task.run();
            } catch (RuntimeException e) {
              LOG.log(Level.SEVERE, "a read for a socket failed", e);
              refused.run();
            } finally {
              CorrelationId.bind(null);
            }
          });
    } catch (RejectedExecutionException e) {
      refused.run();
    }
  }

  // ---- timer -----------------------------------------------------------------------------------

  private void tickForever() {
    int phase = 0;
    while (running && !Thread.currentThread().isInterrupted()) {
      LockSupport.parkNanos(TICK.toNanos());
      try {
        tick(phase);
      } catch (RuntimeException | Error e) {
        LOG.log(Level.SEVERE, "the timer of sockets failed and goes on", e);
      }
      phase = (phase + 1) % PHASES;
    }
  }

  /** Looks after a part of the sockets. */
  void tick(int phase) {
    retryAhead();
    long now = System.nanoTime();
    long revision = handedOver;
    List<Checkpoint> checkpoints = new ArrayList<>(0);
    List<PushConnection> alive = new ArrayList<>(0);
    for (PushConnection connection : connections.values()) {
      if (connection.id() % PHASES == phase) {
        if (look(connection, now)) {
          alive.add(connection);
        }
        if (revision > 0
            && connection.framing() == Frame.Framing.EVENTS
            && connection.greeted()
            && connection.outbound().beyondCheckpoint()) {
          checkpoints.add(new Checkpoint(connection, revision, workers.length));
        }
      }
    }
    if (!checkpoints.isEmpty()) {
      for (FanoutWorker worker : workers) {
        worker.post(self -> self.check(checkpoints));
      }
    }
    if (!alive.isEmpty()) {
      // Accounts may have been changed on another node. One task for all: each costs the container
      // more than the looking.
      read(() -> alive.forEach(this::review), () -> {});
    }
  }

  /** Looks after a socket; true when it had its heartbeat and its account is to be looked at. */
  private boolean look(PushConnection connection, long now) {
    if (connection.closing()) {
      if (now - connection.closingSince() > CLOSE_WAIT_NANOS) {
        connection.outbound().kill();
      }
    } else if (connection.outbound().backlogNanos(now) > config.slowLimit().toNanos()) {
      tooSlow(connection);
    } else if (!clock.instant().isBefore(connection.caller().expiresAt())) {
      connection.close(CloseCode.POLICY_VIOLATION, "token expired", "TOKEN_EXPIRED");
    } else if (!connection.greeted()) {
      if (now - connection.since() > config.helloTimeout().toNanos()) {
        connection.close(CloseCode.POLICY_VIOLATION, "no hello", null);
      }
    } else if (now - connection.nextHeartbeat >= 0) {
      connection.nextHeartbeat = now + config.heartbeat().toNanos();
      heartbeat(connection, now);
      return true;
    }
    return false;
  }

  /** Ends the sockets of this account that it may not have any more. May block. */
  void review(long account) {
    for (PushConnection connection : connections.values()) {
      if (connection.account() == account) {
        review(connection);
      }
    }
  }

  private void review(PushConnection connection) {
    Account now;
    try {
      now = accounts.byId(connection.account()).orElse(null);
    } catch (ServiceException e) {
      LOG.log(Level.FINE, "an account cannot be read; its sockets are looked at later", e);
      return;
    }
    if (now == null || connection.caller().revoked(now)) {
      connection.close(CloseCode.POLICY_VIOLATION, "token revoked", "TOKEN_REJECTED");
    } else if (now.disabled()) {
      connection.close(CloseCode.POLICY_VIOLATION, "account disabled", "ACCOUNT_DISABLED");
    }
  }

  private void heartbeat(PushConnection connection, long now) {
    boolean webSocket = connection.framing() == Frame.Framing.WEB_SOCKET;
    long patience = 2 * config.heartbeat().toNanos() + CLOSE_WAIT_NANOS;
    if (webSocket && now - connection.lastHeard() > patience) {
      connection.outbound().kill();
      return;
    }
    StringBuilder json = new StringBuilder("{\"type\":\"heartbeat\",\"heads\":{");
    boolean first = true;
    for (Subscription subscription : connection.subscriptions()) {
      long head = subscription.channel.head();
      // A head that was given before and has not moved is no news: silence about it is no loss.
      if (head != subscription.announced) {
        subscription.announced = head;
        json.append(first ? "\"" : ",\"").append(subscription.channel.id()).append("\":");
        json.append(head);
        first = false;
      }
    }
    connection.answer(Frame.text(json.append("}}").toString()), null);
    if (webSocket) {
      connection.answer(Frame.control(WebSocketFrames.ping()), null);
    }
  }
}
