package org.plenum.web.push;

import java.time.Clock;
import java.time.Duration;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.plenum.account.api.Account;
import org.plenum.group.api.Actor;
import org.plenum.group.api.CommandAnswer;
import org.plenum.group.api.CommandEnvelope;
import org.plenum.group.api.Durability;
import org.plenum.group.api.GroupCommand;
import org.plenum.group.api.GroupCommandService;
import org.plenum.group.api.GroupId;
import org.plenum.platform.CorrelationId;
import org.plenum.platform.ErrorCode;
import org.plenum.platform.Ids;
import org.plenum.platform.ServiceException;
import org.plenum.report.api.ReportAnswer;
import org.plenum.web.limits.RateLimiter;
import org.plenum.web.report.ReportRequests;

/**
 * Carries out what clients say. Every command is answered: with {@code ack} or {@code error}, on
 * the thread that completes it, which only queues bytes. Thread-safe.
 */
final class MessageHandler {
  /** Far above what a live client needs; only a flood meets it. */
  private static final int PINGS_PER_SECOND = 10;

  private static final int PING_BURST = 100;
  private static final int PING_CALLERS = 100_000;

  private final PushHub hub;
  private final GroupCommandService commands;
  private final Reporter reports;
  private final RateLimiter<Long> writes;
  private final RateLimiter<Long> pings =
      new RateLimiter<>(
          PINGS_PER_SECOND, Duration.ofSeconds(1), PING_BURST, PING_CALLERS, System::nanoTime);
  private final Clock clock;

  /** Takes the report of an account within its rate, or throws why not. */
  interface Reporter {
    ReportRequests.Submitted submit(Account account, String json, String id);
  }

  MessageHandler(
      PushHub hub,
      GroupCommandService commands,
      Reporter reports,
      RateLimiter<Long> writes,
      Clock clock) {
    this.hub = hub;
    this.commands = commands;
    this.reports = reports;
    this.writes = writes;
    this.clock = clock;
  }

  PushHub hub() {
    return hub;
  }

  /** Lines of a frame carry the id of the socket's handshake, and after it that of the command. */
  void handle(PushConnection connection, ClientMessage message) {
    hub.meters().received();
    String socket = connection.correlation();
    CorrelationId.during(
        message instanceof ClientMessage.Write write ? socket + "/" + write.clientId() : socket,
        () -> carryOut(connection, message));
  }

  private void carryOut(PushConnection connection, ClientMessage message) {
    switch (message) {
      case ClientMessage.Hello hello -> hello(connection, hello);
      case ClientMessage.Ping ping -> ping(connection);
      case ClientMessage.Write write -> write(connection, write);
      case ClientMessage.Report report -> report(connection, report);
      case ClientMessage.Read read -> read(connection, read);
      case ClientMessage.Typing typing -> typing(connection, typing.group());
      case ClientMessage.Invalid invalid -> invalid(connection, invalid);
    }
  }

  /** The first one is free: a socket that may not join is of no use. */
  private void hello(PushConnection connection, ClientMessage.Hello hello) {
    if (!connection.greeted() || !limited(connection, null)) {
      hub.join(connection, hello.resume(), 0);
    }
  }

  private void ping(PushConnection connection) {
    if (!limited(pings, connection, null)) {
      connection.answer(ServerMessages.PONG, null);
    }
  }

  private void write(PushConnection connection, ClientMessage.Write write) {
    if (!ready(connection, write.id())) {
      return;
    }
    commands
        .submit(
            envelope(
                connection, write.clientId(), write.group(), write.command(), write.durability()))
        .thenAccept(answer -> written(connection, write, answer));
  }

  private static void written(
      PushConnection connection, ClientMessage.Write write, CommandAnswer answer) {
    switch (answer) {
      case CommandAnswer.Accepted accepted -> {
        Frame ack = ServerMessages.ack(write.id(), accepted);
        // A replay and a write in memory are answered without an update beside them; of one that
        // waited for the replica, the update went before.
        if (accepted.replayed() || write.durability() != Durability.DISK) {
          connection.answer(ack, write.group());
        } else {
          connection.answerWrite(ack, write.group());
        }
      }
      case CommandAnswer.Rejected rejected ->
          connection.answer(error(write.id(), rejected), write.group());
    }
  }

  /** Reports have a rate of their own. */
  private void report(PushConnection connection, ClientMessage.Report report) {
    if (!greeted(connection, report.id())) {
      return;
    }
    try {
      ReportRequests.Submitted submitted =
          reports.submit(connection.caller().account(), report.json(), report.id());
      submitted
          .answer()
          .thenAccept(
              answer ->
                  connection.answer(
                      switch (answer) {
                        case ReportAnswer.Accepted accepted ->
                            ServerMessages.reported(report.id(), submitted.report().id());
                        case ReportAnswer.Rejected no ->
                            ServerMessages.error(
                                report.id(), no.code(), no.detail(), no.retryAfter());
                      },
                      null));
    } catch (ServiceException e) {
      connection.answer(
          ServerMessages.error(report.id(), e.code(), e.detail(), e.retryAfter()), null);
    }
  }

  private void read(PushConnection connection, ClientMessage.Read read) {
    if (!ready(connection, null)) {
      return;
    }
    UUID clientId = Ids.newId(clock);
    commands
        .submit(
            envelope(
                connection,
                clientId,
                read.group(),
                new GroupCommand.MarkRead(read.seq()),
                Durability.DISK))
        .thenAccept(
            answer -> {
              if (answer instanceof CommandAnswer.Rejected rejected) {
                connection.answer(error(null, rejected), read.group());
              }
            });
  }

  private void typing(PushConnection connection, GroupId group) {
    long now = System.nanoTime();
    if (now - connection.typedAt < hub.config().typingInterval().toNanos()) {
      return;
    }
    connection.typedAt = now;
    Actor by = connection.caller().account().actor();
    hub.workerOf(connection, group).post(worker -> worker.live().typing(connection, group, by));
  }

  private void invalid(PushConnection connection, ClientMessage.Invalid invalid) {
    if (limited(connection, invalid.id())) {
      return;
    }
    connection.answer(
        ServerMessages.error(invalid.id(), invalid.code(), invalid.detail(), null), null);
  }

  private boolean ready(PushConnection connection, @Nullable String id) {
    return greeted(connection, id) && !limited(connection, id);
  }

  private static boolean greeted(PushConnection connection, @Nullable String id) {
    if (!connection.greeted()) {
      connection.answer(
          ServerMessages.error(id, ErrorCode.MALFORMED_REQUEST, "say hello first", null), null);
      return false;
    }
    return true;
  }

  private boolean limited(PushConnection connection, @Nullable String id) {
    return limited(writes, connection, id);
  }

  private static boolean limited(
      RateLimiter<Long> limiter, PushConnection connection, @Nullable String id) {
    Duration wait = limiter.tryAcquire(connection.account());
    if (wait.isZero()) {
      return false;
    }
    connection.answer(
        ServerMessages.error(id, ErrorCode.RATE_LIMITED, "slow down and try again later", wait),
        null);
    return true;
  }

  private CommandEnvelope envelope(
      PushConnection connection,
      UUID clientId,
      GroupId group,
      GroupCommand command,
      Durability durability) {
    return new CommandEnvelope(
        clientId,
        group,
        connection.caller().account().actor(),
        connection.caller().account().admin(),
        command,
        durability,
        clock.instant().plus(hub.config().commandTimeout()));
  }

  private static Frame error(@Nullable String id, CommandAnswer.Rejected rejected) {
    return ServerMessages.error(id, rejected.code(), rejected.detail(), rejected.retryAfter());
  }
}
