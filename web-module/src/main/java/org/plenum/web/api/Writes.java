package org.plenum.web.api;

import jakarta.annotation.PostConstruct;
import jakarta.annotation.PreDestroy;
import jakarta.annotation.Resource;
import jakarta.enterprise.concurrent.ManagedThreadFactory;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import jakarta.ws.rs.container.AsyncResponse;
import jakarta.ws.rs.core.Response;
import java.time.Clock;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.plenum.group.api.CommandAnswer;
import org.plenum.group.api.CommandEnvelope;
import org.plenum.group.api.GroupCommand;
import org.plenum.group.api.GroupCommandService;
import org.plenum.group.api.GroupId;
import org.plenum.platform.CorrelationId;
import org.plenum.platform.ErrorCode;
import org.plenum.platform.ServiceException;
import org.plenum.platform.WorkerPool;
import org.plenum.platform.metrics.Meters;
import org.plenum.web.limits.LimitsConfig;

/**
 * Sends commands to the writer and answers when it has decided; no thread waits in between. Answers
 * are written by threads of their own, since the writer's thread must not. Thread-safe.
 */
@ApplicationScoped
public class Writes {
  private static final Duration GRACE = Duration.ofSeconds(1);
  private static final int ANSWERERS = 8;
  private static final int MAX_WAITING = 20_000;

  @Inject private GroupCommandService commands;
  @Inject private LimitsConfig limits;

  @Inject private Meters meters;

  @Resource(lookup = "java:comp/DefaultManagedThreadFactory")
  private ManagedThreadFactory threads;

  private @Nullable WorkerPool pool;

  @PostConstruct
  void start() {
    pool = new WorkerPool("answer", ANSWERERS, MAX_WAITING, threads, meters);
  }

  @PreDestroy
  void stop() {
    if (pool != null) {
      pool.close();
    }
  }

  /**
   * Makes this bean there. Called by a thread of the web module, whose names its injection needs,
   * before threads of other modules call {@link #handOver}.
   */
  public void prepare() {
    if (pool == null) {
      throw new IllegalStateException("not started");
    }
  }

  /** Submits a command and answers with the acceptance as it is. */
  public void submit(
      AsyncResponse response, Call call, UUID clientId, GroupId group, GroupCommand command) {
    submit(response, call, clientId, group, command, Writes::accepted);
  }

  /** Submits a command and answers what the function makes of the acceptance. */
  public void submit(
      AsyncResponse response,
      Call call,
      UUID clientId,
      GroupId group,
      GroupCommand command,
      Function<CommandAnswer.Accepted, Response.ResponseBuilder> answer) {
    CommandEnvelope envelope =
        new CommandEnvelope(
            clientId,
            group,
            call.actor(),
            call.account().admin(),
            command,
            call.durability(),
            Clock.systemUTC().instant().plus(limits.writeTimeout()));
    answer(
        response,
        commands.submit(envelope),
        outcome -> {
          CommandAnswer.Accepted accepted = outcome.orThrow();
          return answer.apply(accepted).header(Call.POSITION, Long.toString(accepted.revision()));
        });
  }

  /**
   * Answers what the function makes of an outcome when it is there, or TIMEOUT when it is late; a
   * failure of the stage or of the function is the answer as well.
   */
  public <T> void answer(
      AsyncResponse response,
      CompletionStage<T> stage,
      Function<T, Response.ResponseBuilder> answer) {
    response.setTimeout(limits.writeTimeout().plus(GRACE).toMillis(), TimeUnit.MILLISECONDS);
    response.setTimeoutHandler(
        late ->
            late.resume(new ServiceException(ErrorCode.TIMEOUT, "there was no answer in time")));
    String correlation = CorrelationId.current();
    var unused =
        stage.whenComplete(
            (outcome, failure) ->
                handOver(() -> resume(response, outcome, failure, answer, correlation)));
  }

  /**
   * Runs what writes to a client: here, not on the thread that made it; there, when all are busy.
   */
  public void handOver(Runnable task) {
    WorkerPool running = pool;
    if (running == null) {
      throw new IllegalStateException("not started");
    }
    try {
      running.execute(task);
    } catch (RejectedExecutionException e) {
      task.run();
    }
  }

  private static <T> void resume(
      AsyncResponse response,
      @Nullable T outcome,
      @Nullable Throwable failure,
      Function<T, Response.ResponseBuilder> answer,
      @Nullable String correlation) {
    CorrelationId.bind(correlation);
    try {
      if (outcome == null) {
        response.resume(
            failure == null ? new IllegalStateException("neither answer nor failure") : failure);
        return;
      }
      response.resume(answer.apply(outcome).build());
    } catch (RuntimeException e) {
      response.resume(e);
    } finally {
      CorrelationId.bind(null);
    }
  }

  private static Response.ResponseBuilder accepted(CommandAnswer.Accepted accepted) {
    return Response.ok(WriteResponse.of(accepted));
  }
}
