package org.plenum.web.push;

import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.plenum.group.api.GroupId;
import org.plenum.platform.CorrelationId;
import org.plenum.web.auth.Caller;

/**
 * One socket of one account, WebSocket or server-sent events. Thread-safe; kept small, since
 * thousands are idle.
 */
final class PushConnection implements Outbound.Listener, FanoutWorker.Item {
  private static final Subscription[] NO_SUBSCRIPTIONS = {};

  private final PushHub hub;
  private final long id;
  private final Caller caller;
  private final @Nullable String correlation = CorrelationId.current();
  private final Frame.Framing framing;
  private final Outbound outbound;
  private final AtomicBoolean flushRequested = new AtomicBoolean();
  private final AtomicInteger joins = new AtomicInteger();
  private volatile Subscription[] subscriptions = NO_SUBSCRIPTIONS;
  private volatile boolean open = true;

  /** Times of {@link System#nanoTime()}. */
  private final long since;

  private volatile long lastHeard;
  private volatile long closingSince;
  private volatile boolean closing;
  private volatile boolean greeted;

  /** Used by the timer only. */
  long nextHeartbeat;

  /** Used by the reading thread only. */
  long typedAt;

  PushConnection(PushHub hub, long id, Caller caller, Frame.Framing framing, Sink sink) {
    this.hub = hub;
    this.id = id;
    this.caller = caller;
    this.framing = framing;
    this.since = System.nanoTime();
    this.lastHeard = since;
    this.typedAt = since - hub.config().typingInterval().toNanos();
    this.outbound =
        new Outbound(sink, framing, hub.config().queueBytes(), hub.config().queueFrames(), this);
  }

  long id() {
    return id;
  }

  Caller caller() {
    return caller;
  }

  /** The id of the handshake, under which everything of this socket is found in the logs. */
  @Nullable String correlation() {
    return correlation;
  }

  long account() {
    return caller.account().id();
  }

  Frame.Framing framing() {
    return framing;
  }

  Outbound outbound() {
    return outbound;
  }

  boolean open() {
    return open;
  }

  boolean closing() {
    return closing;
  }

  boolean greeted() {
    return greeted;
  }

  long since() {
    return since;
  }

  long lastHeard() {
    return lastHeard;
  }

  long closingSince() {
    return closingSince;
  }

  /** The peer showed that it is alive. */
  void heard() {
    lastHeard = System.nanoTime();
  }

  /** Starts a join and makes answers for earlier ones stale; the number is the join's. */
  int startJoin() {
    greeted = true;
    return joins.incrementAndGet();
  }

  /** Whether the join is the latest one of an open connection. */
  boolean currentJoin(int join) {
    return open && joins.get() == join;
  }

  /** Queues an answer and asks for a flush together with what the group sends. */
  void answer(Frame frame, @Nullable GroupId group) {
    if (!outbound.offerAlways(frame)) {
      hub.tooSlow(this);
      return;
    }
    requestFlush(group);
  }

  /** Queues the answer to a write that the group's stream is going to show. */
  void answerWrite(Frame frame, GroupId group) {
    if (!outbound.offerAlways(frame)) {
      hub.tooSlow(this);
    } else if (flushRequested.compareAndSet(false, true)) {
      hub.workerOf(this, group).postAnswer(this::flushAnswer);
    }
  }

  private void flushAnswer(FanoutWorker worker) {
    flushRequested.set(false);
    worker.sender().answered(this);
  }

  /** Asks for a flush by the fan-out thread of the group. */
  void requestFlush(@Nullable GroupId group) {
    if (flushRequested.compareAndSet(false, true)) {
      hub.workerOf(this, group).post(this);
    }
  }

  /** Ends the connection with a closing handshake. */
  void close(int code, String reason, @Nullable String bye) {
    startClosing(code, reason, bye, false);
  }

  /** Ends the connection without sending what waits. */
  void closeNow(int code, String reason) {
    startClosing(code, reason, null, true);
  }

  private void startClosing(int code, String reason, @Nullable String bye, boolean dropBacklog) {
    if (closing) {
      return;
    }
    if (bye != null) {
      outbound.offerAlways(ServerMessages.bye(bye));
    }
    markClosing();
    boolean events = framing == Frame.Framing.EVENTS;
    outbound.end(
        events ? null : Frame.control(WebSocketFrames.close(code, reason)), dropBacklog, events);
    requestFlush(null);
  }

  /** The peer sent a close frame: it is answered unless it is the answer to ours. */
  void peerClosed(int code) {
    if (closing) {
      outbound.end(null, false, true);
    } else {
      markClosing();
      outbound.end(Frame.control(WebSocketFrames.close(code, "")), false, true);
    }
    requestFlush(null);
  }

  private void markClosing() {
    closingSince = System.nanoTime();
    closing = true;
  }

  Subscription[] subscriptions() {
    return subscriptions;
  }

  synchronized void subscribed(List<Subscription> added) {
    Subscription[] old = subscriptions;
    Subscription[] next = Arrays.copyOf(old, old.length + added.size());
    for (int i = 0; i < added.size(); i++) {
      next[old.length + i] = added.get(i);
    }
    subscriptions = next;
  }

  /** Forgets the subscriptions that have ended. */
  synchronized void unsubscribed() {
    subscriptions =
        Arrays.stream(subscriptions)
            .filter(subscription -> subscription.state != Subscription.State.ENDED)
            .toArray(Subscription[]::new);
  }

  @Nullable Subscription subscription(GroupChannel channel) {
    for (Subscription subscription : subscriptions) {
      if (subscription.channel == channel) {
        return subscription;
      }
    }
    return null;
  }

  /** The fan-out thread's turn to flush. */
  @Override
  public void run(FanoutWorker worker) {
    flushRequested.set(false);
    worker.sender().dirty(this);
  }

  @Override
  public void onDrained() {
    hub.drained(this);
  }

  @Override
  public void onDead() {
    open = false;
    hub.gone(this);
  }

  @Override
  public void onWritten(int bytes) {
    hub.meters().written(bytes);
  }
}
