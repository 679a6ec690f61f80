package org.plenum.web.push;

import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.function.LongSupplier;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.plenum.account.api.Account;
import org.plenum.account.api.AccountService;
import org.plenum.platform.ServiceException;

/**
 * Looks after the sockets: sends heartbeats, gives event ids, and ends what is dead, slow, expired
 * or silent, or belongs to an account that may not have it any more. {@link #tick} is the timer's
 * alone; the rest is thread-safe.
 */
final class SocketWatch {
  /** How often the timer looks; each time after a part of the sockets. */
  static final Duration TICK = Duration.ofMillis(250);

  /** In so many ticks every socket has had its turn. */
  static final int PHASES = 4;

  private static final Logger LOG = Logger.getLogger(SocketWatch.class.getName());
  private static final long CLOSE_WAIT_NANOS = Duration.ofSeconds(5).toNanos();

  private final PushHub hub;
  private final AccountService accounts;
  private final Clock clock;
  private final BackgroundReads reads;
  private final FanoutThreads threads;
  private final Collection<PushConnection> connections;
  private final LongSupplier handedOver;

  /**
   * A watch.
   *
   * @param connections the open ones; changes while it is used
   * @param handedOver every update up to this revision was handed to the fan-out threads
   */
  SocketWatch(
      PushHub hub,
      AccountService accounts,
      Clock clock,
      BackgroundReads reads,
      FanoutThreads threads,
      Collection<PushConnection> connections,
      LongSupplier handedOver) {
    this.hub = hub;
    this.accounts = accounts;
    this.clock = clock;
    this.reads = reads;
    this.threads = threads;
    this.connections = connections;
    this.handedOver = handedOver;
  }

  /** Looks after a part of the sockets. */
  void tick(int phase) {
    long now = System.nanoTime();
    long revision = handedOver.getAsLong();
    List<Checkpoint> checkpoints = new ArrayList<>(0);
    List<PushConnection> alive = new ArrayList<>(0);
    for (PushConnection connection : connections) {
      if (connection.id() % PHASES == phase) {
        if (look(connection, now)) {
          alive.add(connection);
        }
        if (revision > 0
            && connection.framing() == Frame.Framing.EVENTS
            && connection.greeted()
            && connection.outbound().beyondCheckpoint()) {
          checkpoints.add(new Checkpoint(connection, revision, threads.count()));
        }
      }
    }
    if (!checkpoints.isEmpty()) {
      threads.postAll(worker -> worker.joins().check(checkpoints));
    }
    if (!alive.isEmpty()) {
      // Accounts may have been changed on another node. One task for all: each costs the container
      // more than the looking.
      reads.read(() -> alive.forEach(this::review), () -> {});
    }
  }

  /** Looks after a socket; true when it had its heartbeat and its account is to be looked at. */
  private boolean look(PushConnection connection, long now) {
    if (connection.closing()) {
      if (now - connection.closingSince() > CLOSE_WAIT_NANOS) {
        connection.outbound().kill();
      }
    } else if (connection.outbound().backlogNanos(now) > hub.config().slowLimit().toNanos()) {
      hub.tooSlow(connection);
    } else if (!clock.instant().isBefore(connection.caller().expiresAt())) {
      connection.close(CloseCode.POLICY_VIOLATION, "token expired", "TOKEN_EXPIRED");
    } else if (!connection.greeted()) {
      if (now - connection.since() > hub.config().helloTimeout().toNanos()) {
        connection.close(CloseCode.POLICY_VIOLATION, "no hello", null);
      }
    } else if (now - connection.nextHeartbeat >= 0) {
      connection.nextHeartbeat = now + hub.config().heartbeat().toNanos();
      heartbeat(connection, now);
      return true;
    }
    return false;
  }

  /** Ends the sockets of this account that it may not have any more. May block. */
  void review(long account) {
    for (PushConnection connection : connections) {
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
    long patience = 2 * hub.config().heartbeat().toNanos() + CLOSE_WAIT_NANOS;
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
