package org.plenum.writer;

import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.PriorityBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;
import org.plenum.group.api.CommandAnswer;
import org.plenum.group.api.CommandAnswer.Rejected;
import org.plenum.group.api.CommandEnvelope;
import org.plenum.group.api.Durability;
import org.plenum.platform.ErrorCode;
import org.plenum.platform.metrics.Meters;
import org.plenum.writer.Leaders.Leader;
import org.plenum.writer.api.WriterGateway;
import org.plenum.writer.api.WriterPeers;

/**
 * The way to the writer of a cluster (decision 5): a direct call while this node leads, else over
 * the transport to the node that the lease names, one batch after the other. What meets no leader,
 * or one that does not answer, is sent again under the same client id until its deadline, so that a
 * failover costs time and fails nobody.
 *
 * <p>First in, first out: each command has a number; one thread sends in the order of numbers; a
 * command goes directly to the local writer only while none waits here, and nothing is sent to
 * another node while the local writer still holds some that it may give back. A batch is bounded by
 * {@link RouterConfig#batch()} and {@link RouterConfig#batchBytes()}.
 *
 * <p>{@link #submit} may be called by any thread and never blocks. Bounded by {@link
 * RouterConfig#queue()}; more are turned away with WRITER_BUSY, at once or never: a producer that
 * sends on after it would be out of order.
 */
final class CommandRouter implements WriterGateway, Runnable {
  private static final Logger LOG = Logger.getLogger(CommandRouter.class.getName());
  private static final Duration BUSY_RETRY = Duration.ofSeconds(1);
  private static final Duration AWAY_RETRY = Duration.ofSeconds(2);
  private static final Duration ADOPTED = Duration.ofSeconds(30);
  private static final Duration MARGIN = Duration.ofSeconds(1);
  private static final long IDLE_MILLIS = 500;

  /**
   * A command on its way.
   *
   * @param until by the router's nanoTime, for an acknowledged write that was taken over; null
   *     where a caller waits until the envelope's deadline
   */
  private record Routed(
      long order,
      CommandEnvelope envelope,
      CompletableFuture<CommandAnswer> answer,
      @Nullable Long until) {}

  private final LeadingWriter local;
  private final String url;
  private final Leaders leaders;
  private final WriterPeers peers;
  private final WriterTransport transport;
  private final RouterConfig config;
  private final Clock clock;
  private final LongSupplier nanoTime;
  private final PriorityBlockingQueue<Routed> waiting =
      new PriorityBlockingQueue<>(64, Comparator.comparingLong(Routed::order));
  private final AtomicLong orders = new AtomicLong();
  private final AtomicLong adopted = new AtomicLong(Long.MIN_VALUE);

  /** What is owed to those whose MEMORY writes were acknowledged. */
  private final Map<Long, CompletableFuture<CommandAnswer>> owed = new ConcurrentHashMap<>();

  /** Commands that wait here or are on their way to another node. */
  private final AtomicInteger here = new AtomicInteger();

  /** Commands that the local writer has. */
  private final AtomicInteger there = new AtomicInteger();

  private final Meters.Counter sent;
  private final Meters.Counter again;
  private final Meters.Summary batches;
  private final Meters.Summary micros;
  private volatile boolean running = true;

  /** Nobody sends what waits any more. */
  private volatile boolean ended;

  private volatile Optional<Leader> known = Optional.empty();

  /** Of the sending thread: which of the peers is asked next while the database is silent. */
  private int turn;

  /**
   * A router that is not running yet.
   *
   * @param url of this node, as it writes it into the lease
   * @param peers to ask while the database does not say who leads
   * @param clock by which callers' deadlines count
   * @param nanoTime by which the time of acknowledged writes counts: they have their answer, and a
   *     clock that is set does not take it back
   */
  CommandRouter(
      LeadingWriter local,
      String url,
      Leaders leaders,
      WriterPeers peers,
      WriterTransport transport,
      RouterConfig config,
      Clock clock,
      LongSupplier nanoTime,
      Meters meters) {
    this.local = local;
    this.url = url;
    this.leaders = leaders;
    this.peers = peers;
    this.transport = transport;
    this.config = config;
    this.clock = clock;
    this.nanoTime = nanoTime;
    sent = meters.counter("writer_remote_commands", "Commands answered by another node's writer");
    again =
        meters.counter(
            "writer_remote_retries", "Batches sent again because the writer did not answer");
    batches = meters.summary("writer_remote_batch_size", "Commands in one batch to another node");
    micros = meters.summary("writer_remote_micros", "Time until another node's writer answered");
    meters.gauge("writer_remote_waiting", "Commands that wait for a way to the writer", here::get);
  }

  /** The leader that answered last, if one is known. */
  Optional<Leader> known() {
    return known;
  }

  /** Commands that wait here or are on their way. */
  int depth() {
    return here.get();
  }

  @Override
  public CompletionStage<CommandAnswer> submit(CommandEnvelope envelope) {
    Routed routed = new Routed(orders.getAndIncrement(), envelope, new CompletableFuture<>(), null);
    // Read first: what is given back after this moment makes the local writer turn this one away.
    long generation = local.generation();
    if (here.get() == 0 && local.epoch() != 0 && toLocal(routed, generation)) {
      return routed.answer();
    }
    if (!running) {
      routed.answer().complete(stopping());
    } else if (here.get() >= config.queue()) {
      routed
          .answer()
          .complete(
              new Rejected(
                  ErrorCode.WRITER_BUSY,
                  "more than " + config.queue() + " commands wait for the writer",
                  BUSY_RETRY));
    } else {
      enqueue(routed);
    }
    return routed.answer();
  }

  /**
   * Takes over acknowledged writes of durability MEMORY from a local writer that was overtaken: the
   * new one writes them first of all that comes from here. A node that stops waits for them by
   * {@link #settle}; those that no writer takes within 30 s, by no clock that can be set, are lost,
   * which is said in the log.
   */
  void adopt(List<CommandEnvelope> acknowledged) {
    long until = nanoTime.getAsLong() + ADOPTED.toNanos();
    for (CommandEnvelope each : acknowledged) {
      CompletableFuture<CommandAnswer> answer = new CompletableFuture<>();
      long order = adopted.getAndIncrement();
      owed.put(order, answer);
      var unused =
          answer.thenAccept(
              outcome -> {
                owed.remove(order);
                if (outcome instanceof Rejected rejected) {
                  LOG.warning(
                      () ->
                          "an acknowledged MEMORY write was not taken by the next writer: "
                              + rejected.detail());
                }
              });
      enqueue(new Routed(order, each, answer, until));
    }
  }

  /**
   * Waits until the next writer has every acknowledged MEMORY write that was taken over here, by
   * its answer; call it before {@link #stop()}, once nothing more is taken over.
   *
   * @return false when it has not within the limit
   */
  boolean settle(Duration limit) throws InterruptedException {
    CompletableFuture<?>[] open = owed.values().toArray(CompletableFuture<?>[]::new);
    try {
      var unused = CompletableFuture.allOf(open).get(limit.toMillis(), TimeUnit.MILLISECONDS);
      return true;
    } catch (TimeoutException e) {
      return false;
    } catch (ExecutionException e) {
      throw new IllegalStateException("an answer is never a failure", e);
    }
  }

  private void enqueue(Routed routed) {
    here.incrementAndGet();
    waiting.add(routed);
    if (ended && waiting.remove(routed)) {
      answer(routed, stopping());
    }
  }

  private static Rejected stopping() {
    return new Rejected(ErrorCode.WRITER_UNAVAILABLE, "this node is stopping", AWAY_RETRY);
  }

  /** Hands a command to the writer of this node; false when that one turns it away at once. */
  private boolean toLocal(Routed routed, long generation) {
    there.incrementAndGet();
    CompletableFuture<CommandAnswer> answer =
        local.submit(outgoing(routed), generation).toCompletableFuture();
    if (answer.isDone() && toBeRouted(routed, answer.join())) {
      there.decrementAndGet();
      return false;
    }
    var unused =
        answer.thenAccept(
            outcome -> {
              if (toBeRouted(routed, outcome)) {
                enqueue(routed);
              } else {
                routed.answer().complete(outcome);
              }
              there.decrementAndGet();
            });
    return true;
  }

  private boolean toBeRouted(Routed routed, CommandAnswer answer) {
    return running && toBeSentAgain(routed, answer) && !late(routed);
  }

  private boolean late(Routed routed) {
    return !left(routed).isPositive();
  }

  /** The time that is left to a command. */
  private Duration left(Routed routed) {
    Long until = routed.until();
    return until == null
        ? Duration.between(clock.instant(), routed.envelope().deadline())
        : Duration.ofNanos(until - nanoTime.getAsLong());
  }

  /** The command as a writer gets it; one that was taken over has the deadline of this very try. */
  private CommandEnvelope outgoing(Routed routed) {
    CommandEnvelope envelope = routed.envelope();
    return routed.until() == null
        ? envelope
        : new CommandEnvelope(
            envelope.clientId(),
            envelope.group(),
            envelope.actor(),
            envelope.privileged(),
            envelope.command(),
            Durability.DISK,
            clock.instant().plus(left(routed)),
            envelope.correlation());
  }

  /**
   * Whether the writer did not take the command. One that has too much work is waited for as well:
   * a later command of the group may be here already, and would be written first. For one that was
   * taken over TIMEOUT means the same: the writer's clock was set while it waited there.
   */
  private static boolean toBeSentAgain(Routed routed, CommandAnswer answer) {
    return answer instanceof Rejected rejected
        && (rejected.code() == ErrorCode.WRITER_UNAVAILABLE
            || rejected.code() == ErrorCode.WRITER_BUSY
            || (routed.until() != null && rejected.code() == ErrorCode.TIMEOUT));
  }

  /** Ends the loop; what waits is answered. Interrupt its thread as well. */
  void stop() {
    running = false;
  }

  /** The loop of the one sending thread. */
  @Override
  public void run() {
    try {
      while (running) {
        Routed first = waiting.poll(IDLE_MILLIS, TimeUnit.MILLISECONDS);
        if (first != null) {
          route(new ArrayList<>(List.of(first)));
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      running = false;
      ended = true;
      for (Routed left = waiting.poll(); left != null; left = waiting.poll()) {
        answer(left, stopping());
      }
    }
  }

  /**
   * Adds as much of what waits as one request holds: the receiver's HTTP listener refuses what is
   * too long, and would do so again and again.
   */
  private void fill(List<Routed> batch) {
    int bytes =
        CommandBatchCodec.HEADER_BYTES + CommandBatchCodec.size(batch.getFirst().envelope());
    while (batch.size() < config.batch()) {
      Routed next = waiting.poll();
      if (next == null) {
        return;
      }
      batch.add(next);
      bytes += CommandBatchCodec.size(next.envelope());
      if (bytes > config.batchBytes()) {
        waiting.add(batch.removeLast());
        return;
      }
    }
  }

  /** Brings the batch and what fits where it belongs, or puts what is left of it back. */
  private void route(List<Routed> batch) throws InterruptedException {
    try {
      expire(batch);
      if (batch.isEmpty()) {
        return;
      }
      fill(batch);
      expire(batch);
      if (batch.isEmpty()) {
        return;
      }
      if (local.epoch() != 0) {
        handOver(batch);
      } else if (there.get() > 0) {
        // The local writer lost the lease and gives back what it has: that comes first.
        pause();
      } else if (!earlierWaits(batch)) {
        remote(batch);
      }
    } catch (StoreException e) {
      LOG.log(Level.FINE, "nobody knows who leads", e);
      pause();
    } catch (RuntimeException | Error e) {
      LOG.log(Level.SEVERE, "commands could not be routed and are tried again", e);
      pause();
    } finally {
      waiting.addAll(batch);
    }
  }

  /**
   * Whether something was given back since the batch was taken: that comes first. Asked after the
   * count of what the local writer has, which falls only once a command waits here again.
   */
  private boolean earlierWaits(List<Routed> batch) {
    Routed earlier = waiting.peek();
    return earlier != null && earlier.order() < batch.getFirst().order();
  }

  private void handOver(List<Routed> batch) throws InterruptedException {
    while (!batch.isEmpty()) {
      Routed next = batch.getFirst();
      long generation = local.generation();
      if (!running || earlierWaits(batch)) {
        return;
      }
      if (!toLocal(next, generation)) {
        pause();
        return;
      }
      batch.removeFirst();
      here.decrementAndGet();
    }
  }

  private void remote(List<Routed> batch) throws InterruptedException {
    Optional<Leader> found = known.or(this::find);
    if (found.isEmpty() || found.get().url().isEmpty() || found.get().url().equals(url)) {
      // Nobody leads, or this node is about to.
      known = Optional.empty();
      pause();
      return;
    }
    Leader leader = found.get();
    long start = System.nanoTime();
    CompletableFuture<List<CommandAnswer>> call =
        transport.send(leader.url(), batch.stream().map(this::outgoing).toList(), longest(batch));
    List<CommandAnswer> answers = await(call, leader, batch);
    if (answers.isEmpty()) {
      known = Optional.empty();
      if (!batch.isEmpty()) {
        again.increment();
        pause();
      }
      return;
    }
    known = Optional.of(leader);
    batches.observe(answers.size());
    micros.observe(TimeUnit.NANOSECONDS.toMicros(System.nanoTime() - start));
    settle(batch, answers);
  }

  /** The leader by the lease; while that cannot be read, one peer after the other. */
  private Optional<Leader> find() {
    try {
      Optional<Leader> leader = leaders.leader();
      turn = 0;
      return leader;
    } catch (StoreException e) {
      List<String> urls = peers.urls();
      if (urls.isEmpty()) {
        throw e;
      }
      LOG.log(Level.FINE, "the lease cannot be read, so peers are asked", e);
      String peer = urls.get(Math.floorMod(turn++, urls.size()));
      return Optional.of(new Leader(0, peer));
    }
  }

  /** The answers, or none when the leader did not give any. */
  private List<CommandAnswer> await(
      CompletableFuture<List<CommandAnswer>> call, Leader leader, List<Routed> batch)
      throws InterruptedException {
    try {
      while (true) {
        try {
          List<CommandAnswer> answers = call.get(config.look().toMillis(), TimeUnit.MILLISECONDS);
          return answers.size() == batch.size() ? answers : List.of();
        } catch (TimeoutException e) {
          batch.forEach(this::answerIfLate);
          boolean allLate = batch.stream().allMatch(each -> each.answer().isDone());
          if (allLate || local.epoch() != 0 || overtaken(leader) || !running) {
            LOG.info(() -> "no answer from " + leader.url() + ", which led with " + leader.epoch());
            expire(batch);
            return List.of();
          }
        }
      }
    } catch (ExecutionException e) {
      LOG.log(Level.FINE, "the writer at " + leader.url() + " does not answer", e.getCause());
      return List.of();
    } finally {
      call.cancel(true);
    }
  }

  /** While the database is away nobody is overtaken. */
  private boolean overtaken(Leader leader) {
    try {
      return leaders.leader().map(now -> now.epoch() != leader.epoch()).orElse(true);
    } catch (StoreException e) {
      LOG.log(Level.FINE, "the lease could not be read", e);
      return false;
    }
  }

  private void settle(List<Routed> batch, List<CommandAnswer> answers) throws InterruptedException {
    List<Routed> left = new ArrayList<>();
    for (int i = 0; i < batch.size(); i++) {
      if (toBeSentAgain(batch.get(i), answers.get(i))) {
        left.add(batch.get(i));
      } else {
        sent.increment();
        answer(batch.get(i), answers.get(i));
      }
    }
    batch.clear();
    batch.addAll(left);
    if (!left.isEmpty()) {
      known = Optional.empty();
      again.increment();
      pause();
    }
  }

  private void answer(Routed routed, CommandAnswer answer) {
    here.decrementAndGet();
    try {
      routed.answer().complete(answer);
    } catch (RuntimeException e) {
      LOG.log(Level.SEVERE, "a caller failed on its answer", e);
    }
  }

  private void answerIfLate(Routed routed) {
    if (late(routed)) {
      routed
          .answer()
          .complete(
              new Rejected(
                  ErrorCode.TIMEOUT,
                  "the writer did not answer in time; the write may still take effect: retry with the same client id",
                  AWAY_RETRY));
    }
  }

  private void expire(List<Routed> batch) {
    batch.forEach(this::answerIfLate);
    batch.removeIf(
        each -> {
          boolean done = each.answer().isDone();
          if (done) {
            here.decrementAndGet();
          }
          return done;
        });
  }

  private Duration longest(List<Routed> batch) {
    Duration longest =
        batch.stream().map(this::left).max(Comparator.naturalOrder()).orElse(Duration.ZERO);
    return (longest.isNegative() ? Duration.ZERO : longest).plus(MARGIN);
  }

  private void pause() throws InterruptedException {
    TimeUnit.MILLISECONDS.sleep(config.pause().toMillis());
  }
}
