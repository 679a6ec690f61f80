package org.plenum.web.push;

import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;
import org.plenum.account.api.AccountService;
import org.plenum.group.api.Actor;
import org.plenum.group.api.GroupId;
import org.plenum.group.api.GroupQueryService;
import org.plenum.platform.ServiceException;
import org.plenum.platform.metrics.Meters;
import org.plenum.update.Signals;
import org.plenum.update.Update;
import org.plenum.update.UpdateListener;
import org.plenum.update.UpdateStream;
import org.plenum.web.auth.Caller;

/**
 * The sockets of this node and their way to the update stream (decision 8). Groups are spread over
 * fan-out threads ({@link FanoutThreads}); reads of snapshots and history run elsewhere, a bounded
 * number at a time ({@link PushJoins}); one timer looks after the sockets ({@link SocketWatch}).
 * Thread-safe.
 */
public final class PushHub implements UpdateListener {
  private static final Logger LOG = Logger.getLogger(PushHub.class.getName());

  private final PushConfig config;
  private final PushMeters meters;
  private final Map<Long, PushConnection> connections = new ConcurrentHashMap<>();
  private final SocketPlaces places;
  private final FanoutThreads fanout;
  private final PushJoins joins;
  private final SocketWatch watch;
  private final AtomicLong ids = new AtomicLong();
  private final List<Thread> threads = new ArrayList<>();

  private volatile LongSupplier lagMillis = () -> 0;
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
    this.meters = new PushMeters(meters);
    this.places = new SocketPlaces(config.socketsTotal(), config.socketsPerAccount());
    this.fanout = new FanoutThreads(this.meters);
    BackgroundReads background = new BackgroundReads(reads);
    this.joins =
        new PushJoins(config, node, queries, background, fanout, () -> lagMillis.getAsLong());
    this.watch =
        new SocketWatch(
            this, accounts, clock, background, fanout, connections.values(), () -> handedOver);
  }

  /** Starts the threads and listens to the stream. */
  public void start(UpdateStream stream, ThreadFactory factory) {
    listen(stream);
    for (int i = 0; i < fanout.count(); i++) {
      startThread(factory, fanout.get(i), "plenum-push-" + i);
    }
    startThread(factory, this::tickForever, "plenum-push-timer");
    meters.gauge("push_sockets", "Open sockets", places::taken);
    meters.gauge("push_backlog", "Updates that wait for fan-out", fanout::backlog);
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
    fanout.are(made);
    long after = stream.subscribe(this);
    fanout.postAll(worker -> worker.startsAfter(after));
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
    for (int i = 0; i < fanout.count(); i++) {
      fanout.get(i).stop();
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
      fanout.of(group).post(worker -> worker.live().typing(group, by));
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
    return places.taken();
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
    if (!running) {
      throw SocketPlaces.noMore();
    }
    places.take(account);
  }

  /** Gives back a place that was taken but not used. */
  void release(long account) {
    places.giveBack(account);
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
      fanout.postAll(worker -> worker.forget(connection));
    }
  }

  /** Ends a socket that does not take what it is sent. */
  void tooSlow(PushConnection connection) {
    meters.shed();
    connection.closeNow(CloseCode.TRY_AGAIN_LATER, "too slow");
  }

  void drained(PushConnection connection) {
    fanout.postAllFor(connection, worker -> worker.joins().resumeLagging(connection));
  }

  FanoutWorker workerOf(PushConnection connection, @Nullable GroupId group) {
    return fanout.of(connection, group);
  }

  // ---- updates ---------------------------------------------------------------------------------

  @Override
  public void onUpdates(List<Update> updates) {
    boolean gap = updates.getFirst().revision() != lastRevision + 1;
    lastRevision = updates.getLast().revision();
    boolean taken = fanout.hand(updates, config.backlogUpdates());
    if (gap || !taken) {
      shedAll(gap ? "the update log has a gap" : "fan-out is overloaded");
    }
    handedOver = lastRevision;
  }

  @Override
  public void onAnotherHistory(long revision) {
    lastRevision = revision;
    fanout.postAll(FanoutWorker::forgetHeads);
    shedAll("the database lost updates");
    handedOver = revision;
  }

  /**
   * Updates were not handed over: memberships can no longer be trusted, so every socket resumes.
   */
  private void shedAll(String reason) {
    long floor = lastRevision;
    fanout.postAll(worker -> worker.restartAfter(floor));
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

  // ---- joining and looking after ---------------------------------------------------------------

  /** Reads what the connection's account follows and joins it to the live stream. */
  void join(PushConnection connection, Map<GroupId, Long> resume, long position) {
    joins.join(connection, resume, position);
  }

  /** Reads for connections and joins them. */
  PushJoins joins() {
    return joins;
  }

  private void tickForever() {
    int phase = 0;
    while (running && !Thread.currentThread().isInterrupted()) {
      LockSupport.parkNanos(SocketWatch.TICK.toNanos());
      try {
        tick(phase);
      } catch (RuntimeException | Error e) {
        LOG.log(Level.SEVERE, "the timer of sockets failed and goes on", e);
      }
      phase = (phase + 1) % SocketWatch.PHASES;
    }
  }

  /** Looks after a part of the sockets. */
  void tick(int phase) {
    joins.retryAhead();
    watch.tick(phase);
  }

  /** Ends the sockets of this account that it may not have any more. May block. */
  void review(long account) {
    watch.review(account);
  }
}
