package org.plenum.writer;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;
import org.plenum.group.api.CommandAnswer;
import org.plenum.group.api.CommandAnswer.Rejected;
import org.plenum.group.api.CommandEnvelope;
import org.plenum.platform.DeletionClock;
import org.plenum.platform.ErrorCode;
import org.plenum.platform.metrics.Meters;
import org.plenum.writer.StoreException.Fault;
import org.plenum.writer.WriterCore.Committed;
import org.plenum.writer.api.WriterGateway;

/**
 * The writer at work (GRP-4): a bounded queue, one thread that leads while it holds the lease, one
 * thread that answers after the commit. Alone it simply wins the lease (decision 2). {@link
 * #submit} may be called by any thread and never blocks.
 *
 * <p>A command is never forgotten: it stays in the queue, in the open batch or in {@code carried}
 * until it is answered or past its deadline, and a try with unknown outcome is repeated under the
 * same client id.
 */
final class WriterLoop implements WriterGateway {
  private static final Logger LOG = Logger.getLogger(WriterLoop.class.getName());
  private static final Duration BUSY_RETRY = Duration.ofSeconds(1);
  private static final Duration AWAY_RETRY = Duration.ofSeconds(2);
  private static final Rejected GONE =
      new Rejected(ErrorCode.WRITER_UNAVAILABLE, "this node is stopping", AWAY_RETRY);
  private static final long LINGER_STEP_NANOS = 1_000_000;
  private static final Rejected NOT_HERE =
      new Rejected(ErrorCode.WRITER_UNAVAILABLE, "another node leads the writing", AWAY_RETRY);
  private static final int TRIM_GROUPS = 4;
  private static final int TRIM_LOG = 500;

  /** Tries of a batch that meets faults of no known kind before its commands are tried alone. */
  private static final int ISOLATE_AFTER = 8;

  private final GroupStore store;
  private final WriterCore core;
  private final WriterConfig config;
  private final Clock clock;
  private final String holder;
  private final String url;
  private final Consumer<Committed> afterCommit;
  private final Duration trimEvery;
  private final Duration logRetention;

  private final BlockingQueue<PendingCommand> queue;
  private final Meters.Counter commits;
  private final Meters.Counter failures;
  private final Meters.Summary batchSizes;
  private final Meters.Summary commitMicros;

  private volatile List<PendingCommand> carried = List.of();
  private volatile List<PendingCommand> inHand = List.of();
  private volatile boolean running;
  private volatile boolean stopping;
  private volatile boolean ended;
  private final AtomicLong generation = new AtomicLong();
  private volatile boolean lettingGo;
  private volatile long epoch;
  private volatile @Nullable Instant oldestMemory;

  /** Where commands go that another node must write; null when there is none. */
  private volatile @Nullable Consumer<List<CommandEnvelope>> successor;

  /** When the renewal was asked for that succeeded last. */
  private volatile long lastRenewal;

  private long nextTrim;
  private final DeletionClock deletion = new DeletionClock();
  private int lastBatch;

  /** Faults of no known kind since the last commit. */
  private int oddFaults;

  /** The open batch holds work of our own that failed: it is dropped before the next batch. */
  private boolean stale;

  WriterLoop(
      GroupStore store,
      WriterCore core,
      WriterConfig config,
      Clock clock,
      String holder,
      String url,
      Duration trimEvery,
      Duration logRetention,
      Meters meters,
      Consumer<Committed> afterCommit) {
    this.store = store;
    this.core = core;
    core.trustWhile(this::leased);
    this.config = config;
    this.clock = clock;
    this.holder = holder;
    this.url = url;
    this.trimEvery = trimEvery;
    this.logRetention = logRetention;
    this.afterCommit = afterCommit;
    this.queue = new ArrayBlockingQueue<>(config.queue());
    this.nextTrim = System.nanoTime() + trimEvery.toNanos();
    commits = meters.counter("writer_commits", "Transactions committed by the writer");
    failures = meters.counter("writer_failures", "Transactions of the writer that failed");
    batchSizes = meters.summary("writer_batch_size", "Updates in one transaction");
    commitMicros = meters.summary("writer_commit_micros", "Duration of a transaction");
    meters.gauge("writer_queue_depth", "Commands that wait for the writer", queue::size);
    meters.gauge("writer_epoch", "Fencing epoch held by this node, 0 for none", this::epoch);
    meters.gauge(
        "writer_memory_window_millis",
        "Age of the oldest acknowledged write of durability MEMORY that is not committed",
        this::memoryWindowMillis);
  }

  private double memoryWindowMillis() {
    Instant oldest = oldestMemory;
    return oldest == null ? 0 : Duration.between(oldest, clock.instant()).toMillis();
  }

  /**
   * From now on commands do not wait here for the lease to come back: their callers are told to
   * look for the leader. Call before the loop runs.
   *
   * @param takes acknowledged writes of durability MEMORY that are not committed
   */
  void giveBackTo(Consumer<List<CommandEnvelope>> takes) {
    successor = takes;
  }

  /** Epoch held by this node, 0 while it does not lead or cannot know that it does. */
  long epoch() {
    return lapsed() ? 0 : epoch;
  }

  int depth() {
    return queue.size();
  }

  /** Whether the writer's thread is there to take commands; false before it starts. */
  boolean alive() {
    return running && !ended;
  }

  /** How often commands were given back; see {@link LeadingWriter#generation()}. */
  long generation() {
    return generation.get();
  }

  @Override
  public CompletionStage<CommandAnswer> submit(CommandEnvelope envelope) {
    return submit(envelope, generation());
  }

  /** As {@link LeadingWriter#submit(CommandEnvelope, long)}. */
  CompletionStage<CommandAnswer> submit(CommandEnvelope envelope, long read) {
    PendingCommand command = new PendingCommand(envelope, read);
    if (stopping) {
      command
          .answer()
          .complete(
              new Rejected(ErrorCode.WRITER_UNAVAILABLE, "this node is stopping", AWAY_RETRY));
    } else if (!queue.offer(command)) {
      command
          .answer()
          .complete(
              new Rejected(
                  ErrorCode.WRITER_BUSY,
                  "more than " + config.queue() + " commands wait",
                  BUSY_RETRY));
    } else if (ended && queue.remove(command)) {
      command.answer().complete(GONE);
    }
    return command.answer();
  }

  /**
   * Answers commands past their deadline; called on a timer, for the time that the loop is stuck in
   * the database.
   */
  void expire() {
    if (lapsed()) {
      letGo();
    }
    Instant now = clock.instant();
    queue.removeIf(command -> expired(command, now));
    carried.forEach(command -> expired(command, now));
    inHand.forEach(command -> expired(command, now));
  }

  /**
   * Whether the lease has run out while the thread waits for the database, as it does for long when
   * the network in between swallows everything: another node may lead.
   */
  private boolean lapsed() {
    return successor != null
        && epoch != 0
        && System.nanoTime() - lastRenewal >= config.lease().toNanos();
  }

  /**
   * What waits here looks for another leader, under the same client ids; the thread keeps its try,
   * which is committed before another node can take the lease, or never. Acknowledged writes of
   * durability MEMORY stay with it: they have their answer.
   */
  private void letGo() {
    // The thread may wake up at any moment. From here to the end it takes nothing: neither what was
    // read under the number so far, nor what comes while those before it are on their way back.
    lettingGo = true;
    try {
      generation.incrementAndGet();
      List<PendingCommand> waiting = new ArrayList<>(carried);
      waiting.addAll(inHand);
      queue.drainTo(waiting);
      long told = waiting.stream().filter(each -> each.answer().complete(NOT_HERE)).count();
      if (told > 0) {
        LOG.warning(
            () -> "the database has not answered for a lease's time; " + told + " commands go on");
      }
      // Last, as when they are given back.
      generation.incrementAndGet();
    } finally {
      lettingGo = false;
    }
  }

  private static boolean expired(PendingCommand command, Instant now) {
    if (command.answer().isDone()) {
      return true;
    }
    if (now.isBefore(command.envelope().deadline())) {
      return false;
    }
    command
        .answer()
        .complete(
            new Rejected(
                ErrorCode.TIMEOUT,
                "the writer did not answer in time; the write may still take effect: retry with the"
                    + " same client id",
                AWAY_RETRY));
    return true;
  }

  /** Ends the loop after what waits is written; interrupts nothing. */
  void stop() {
    stopping = true;
  }

  /** The writer's thread. */
  void run() {
    running = true;
    try {
      while (running) {
        guardedStep();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      LOG.info("the writer's thread was interrupted and ends");
    } finally {
      shutDown();
    }
  }

  private void step() throws InterruptedException {
    try {
      if (epoch == 0) {
        lead();
      } else if (!carried.isEmpty()) {
        retry();
      } else {
        work();
      }
    } catch (StoreException e) {
      recover(e);
    } catch (RuntimeException | Error e) {
      LOG.log(Level.SEVERE, "the writer met a fault; its batch is tried again", e);
      oddFaults++;
      Fault fault = oddFaults < ISOLATE_AFTER ? Fault.UNAVAILABLE : Fault.REFUSED;
      recover(new StoreException(fault, "fault in the writer: " + e, e));
    }
  }

  /** Nothing but a stop or an interrupt ends the writer. */
  private void guardedStep() throws InterruptedException {
    try {
      step();
    } catch (RuntimeException | Error e) {
      LOG.log(Level.SEVERE, "the writer failed while it recovered and goes on", e);
      pause();
    }
  }

  private void lead() throws InterruptedException {
    if (stopping) {
      running = false;
      return;
    }
    long asked = System.nanoTime();
    long won = store.acquire(holder, url, Math.toIntExact(config.lease().toSeconds()));
    if (won == 0) {
      giveBack();
      expire();
      TimeUnit.MILLISECONDS.sleep(config.retryPause().toMillis());
      return;
    }
    long known = core.committedRevision();
    core.open(won);
    dropStale(core.committedRevision() != known);
    deletion.trusts(store.now(), clock.instant());
    lastRenewal = asked;
    epoch = won;
    LOG.info(() -> "this node leads the writing with epoch " + won);
  }

  /**
   * What was left of an earlier epoch is not written hours later, over what others did since: only
   * what was acknowledged already, and what its caller still waits for.
   *
   * @param others whether anything was written meanwhile; if not, sequences that were given to
   *     acknowledged MEMORY writes hold as long as nothing between them is left out
   */
  private void dropStale(boolean others) {
    Instant now = clock.instant();
    List<PendingCommand> left = carried;
    if (!others && left.stream().anyMatch(PendingCommand::acknowledged)) {
      return;
    }
    List<PendingCommand> kept =
        left.stream().filter(each -> each.acknowledged() || !expired(each, now)).toList();
    if (kept.size() < left.size()) {
      LOG.warning(
          () ->
              left.size()
                  - kept.size()
                  + " commands of an earlier epoch came too late, are dropped");
    }
    long memory = kept.stream().filter(PendingCommand::acknowledged).count();
    if (others && memory > 0) {
      LOG.severe(
          () -> memory + " acknowledged MEMORY writes of an earlier epoch get other sequences");
    }
    carried = kept;
  }

  /** Another node leads: what is here goes there, under the same client ids. */
  private void giveBack() {
    Consumer<List<CommandEnvelope>> takes = successor;
    if (takes == null) {
      return;
    }
    List<PendingCommand> back = new ArrayList<>(carried);
    queue.drainTo(back);
    Instant now = clock.instant();
    back.forEach(command -> expired(command, now));
    carried = List.of();
    inHand = List.of();
    stale = true;
    oldestMemory = null;
    // Those that were acknowledged come first, as they did before.
    takes.accept(
        back.stream().filter(PendingCommand::acknowledged).map(PendingCommand::envelope).toList());
    back.forEach(command -> command.answer().complete(NOT_HERE));
    // Last: whoever reads the new number finds what was given back already there.
    generation.incrementAndGet();
  }

  /** Came in after what was before it had been given back: it must not overtake that. */
  private boolean outdated(PendingCommand command) {
    if (!lettingGo && command.generation() == generation.get()) {
      return false;
    }
    command.answer().complete(NOT_HERE);
    return true;
  }

  private void work() throws InterruptedException {
    if (stale) {
      core.forget();
      stale = false;
    }
    List<PendingCommand> batch = drain();
    if (batch.isEmpty() && !core.hasOpen()) {
      if (stopping) {
        running = false;
      } else {
        maintain();
      }
      return;
    }
    inHand = batch;
    if (!batch.isEmpty()) {
      core.accept(batch);
    }
    if (core.due() || stopping) {
      commit();
    }
    oldestMemory = core.oldestMemory();
    inHand = List.of();
    if (!core.hasOpen() && !stopping) {
      maintain();
    }
  }

  private List<PendingCommand> drain() throws InterruptedException {
    linger();
    List<PendingCommand> batch = new ArrayList<>();
    long wait = core.hasOpen() ? 1 : config.renew().toMillis() / 4 + 1;
    PendingCommand first = stopping ? queue.poll() : queue.poll(wait, TimeUnit.MILLISECONDS);
    if (first != null) {
      batch.add(first);
      queue.drainTo(batch, most() - 1);
    }
    Instant now = clock.instant();
    batch.removeIf(command -> expired(command, now) || outdated(command));
    lastBatch = batch.size();
    return batch;
  }

  /**
   * Commands to take now. Where two good halves wait only one of them, so that the senders take
   * turns: while one half is committed, which keeps one core busy at most, the other is answered
   * and sends again. Fewer are taken whole: a rest of a few would only pay for a commit of its own.
   */
  private int most() {
    int waiting = queue.size() + 1;
    boolean halves = waiting >= 2 * config.halfFrom();
    return Math.min(config.batch(), halves ? (waiting + 1) / 2 : waiting);
  }

  /**
   * Waits for more under load, so that a commit, and the flush of every socket that follows it, is
   * shared by many: the longer the larger the last batch was, up to a bound. It ends early when as
   * many as last time are here and no more come, as when each sender waits for its answer, or when
   * there are enough for {@linkplain #most() half a turn}.
   */
  private void linger() {
    // Writes in memory have a pace of their own: their loss window must not grow.
    if (lastBatch < config.lingerFrom() || core.hasOpen()) {
      return;
    }
    long share = Math.min(lastBatch, config.lingerFull());
    long end = System.nanoTime() + config.linger().toNanos() * share / config.lingerFull();
    int enough = Math.min(config.batch(), config.halfFrom());
    int waiting = queue.size();
    for (long left = end - System.nanoTime();
        left > 0 && waiting < enough && !stopping;
        left = end - System.nanoTime()) {
      LockSupport.parkNanos(Math.min(left, LINGER_STEP_NANOS));
      int before = waiting;
      waiting = queue.size();
      if (waiting == before && waiting >= lastBatch) {
        return;
      }
    }
  }

  private void commit() {
    int rows = core.openRows();
    long start = System.nanoTime();
    Committed committed = core.flush();
    oddFaults = 0;
    if (rows > 0) {
      lastRenewal = start;
      commits.increment();
      batchSizes.observe(rows);
      commitMicros.observe(TimeUnit.NANOSECONDS.toMicros(System.nanoTime() - start));
    }
    afterCommit.accept(committed);
  }

  /** What must happen on a busy writer as well, in slices so small that posts hardly notice. */
  private void maintain() {
    if (System.nanoTime() - lastRenewal > config.renew().toNanos()) {
      renew();
    }
    if (System.nanoTime() - nextTrim < 0) {
      return;
    }
    nextTrim = System.nanoTime() + trimEvery.toNanos();
    Instant now = store.now();
    if (!deletion.trusts(now, clock.instant())) {
      return;
    }
    Collection<GroupStore.Trim> trims = store.trims(now, TRIM_GROUPS);
    for (GroupStore.Trim trim : trims) {
      core.trim(trim);
      commit();
    }
    // An hour, as much as clocks may differ: what is dated later was written by a wrong clock.
    Instant latest = now.plus(DeletionClock.TOLERANCE);
    if (store.trimLog(now.minus(logRetention), latest, TRIM_LOG) == TRIM_LOG || !trims.isEmpty()) {
      nextTrim = System.nanoTime();
    }
  }

  /** Whether the lease holds surely: with a reserve, for the time that an answer takes. */
  private boolean leased() {
    return System.nanoTime() - lastRenewal < config.lease().minus(config.renew()).toNanos();
  }

  private void renew() {
    // From before the statement: the database counts from some moment after it.
    long asked = System.nanoTime();
    int lease = Math.toIntExact(config.lease().toSeconds());
    if (!store.renew(epoch, core.committedRevision(), lease)) {
      throw new StoreException(
          Fault.FENCED, "epoch " + epoch + " was taken over, or the database lost updates", null);
    }
    lastRenewal = asked;
  }

  /** Tries again what was in hand when something failed. */
  private void retry() {
    renew();
    // Also those past their deadline: leaving one out would move the sequences of acknowledged
    // MEMORY writes.
    List<PendingCommand> again = carried;
    core.again(again);
    commit();
    carried = List.of();
    inHand = List.of();
    LOG.info(() -> again.size() + " commands were written after a failure");
  }

  private void recover(StoreException e) throws InterruptedException {
    failures.increment();
    List<PendingCommand> open = carried.isEmpty() ? core.open() : carried;
    stale = open.isEmpty();
    // Whatever fails from here on, nobody is forgotten.
    carried = open;
    switch (e.fault()) {
      case REFUSED -> {
        if (open.isEmpty() || epoch == 0) {
          // The lease, the upkeep: nothing to isolate, and the next try is the same.
          LOG.log(Level.WARNING, "the database refuses the writer's own work", e);
          pause();
          return;
        }
        // A replay whose client id fell out of memory is the usual reason, so no stack trace, and
        // of a single command no line: it gets its answer, and nobody else waits.
        LOG.log(
            open.size() == 1 ? Level.FINE : Level.INFO,
            () ->
                "the database refused a batch of "
                    + open.size()
                    + ", each gets a transaction of its own: "
                    + e.getMessage());
        separately(open);
      }
      case FENCED -> {
        LOG.log(Level.WARNING, "lost the lease: " + e.getMessage());
        epoch = 0;
      }
      case UNAVAILABLE -> {
        LOG.log(Level.WARNING, "the database is away; " + open.size() + " commands wait", e);
        pause();
      }
    }
  }

  private void separately(List<PendingCommand> open) throws InterruptedException {
    List<Committed> committed = new ArrayList<>();
    try {
      core.oneByOne(open, committed, oddFaults >= ISOLATE_AFTER);
      oddFaults = 0;
      carried = List.of();
    } catch (RuntimeException | Error e) {
      carried = List.copyOf(open.subList(committed.size(), open.size()));
      LOG.log(Level.WARNING, "writing one by one stopped; " + carried.size() + " commands wait", e);
      if (e instanceof StoreException fault && fault.fault() == Fault.FENCED) {
        epoch = 0;
      } else {
        pause();
      }
    } finally {
      committed.forEach(afterCommit);
      inHand = List.of();
    }
  }

  private void pause() throws InterruptedException {
    expire();
    if (stopping) {
      running = false;
      return;
    }
    TimeUnit.MILLISECONDS.sleep(config.retryPause().toMillis());
  }

  private void shutDown() {
    stopping = true;
    if (epoch != 0) {
      try {
        store.release(epoch);
      } catch (RuntimeException e) {
        LOG.log(Level.WARNING, "the lease could not be given back and runs out by itself", e);
      }
      epoch = 0;
    }
    // From here on a command that slips into the queue is answered by the one who put it there.
    ended = true;
    Set<PendingCommand> unwritten = new LinkedHashSet<>(carried);
    unwritten.addAll(core.open());
    List<CommandEnvelope> acknowledged =
        unwritten.stream()
            .filter(PendingCommand::acknowledged)
            .map(PendingCommand::envelope)
            .toList();
    Consumer<List<CommandEnvelope>> takes = successor;
    if (!acknowledged.isEmpty() && takes != null) {
      // They have their answer, and this node stops: the next writer is to have them.
      takes.accept(acknowledged);
    } else if (!acknowledged.isEmpty()) {
      LOG.severe(() -> acknowledged.size() + " acknowledged MEMORY writes are not committed");
    }
    unwritten.forEach(command -> command.answer().complete(GONE));
    for (PendingCommand left = queue.poll(); left != null; left = queue.poll()) {
      left.answer().complete(GONE);
    }
  }
}
