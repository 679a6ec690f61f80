package org.plenum.web.push;

import jakarta.annotation.Resource;
import jakarta.enterprise.concurrent.ManagedThreadFactory;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import java.time.Clock;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;
import org.plenum.account.api.AccountChanged;
import org.plenum.account.api.AccountService;
import org.plenum.group.api.GroupCommandService;
import org.plenum.group.api.GroupQueryService;
import org.plenum.platform.ErrorCode;
import org.plenum.platform.ServiceException;
import org.plenum.platform.WorkerPool;
import org.plenum.platform.config.KnownConfig;
import org.plenum.platform.metrics.Meters;
import org.plenum.report.api.ReportChannel;
import org.plenum.report.api.ReportService;
import org.plenum.update.Signal;
import org.plenum.update.Signals;
import org.plenum.update.UpdateStream;
import org.plenum.web.limits.RateLimits;
import org.plenum.web.report.ReportRequests;
import org.plenum.web.report.ReportRights;

/** The container's shell of push: started and stopped with the application. */
@ApplicationScoped
public class PushBean {
  /**
   * Threads that close sockets. A dead peer keeps one for the container's write timeout, so there
   * are more than such peers are likely to be at a time; they end when nothing is to be closed.
   */
  private static final int CLOSERS = 32;

  @Inject private GroupQueryService queries;
  @Inject private GroupCommandService commands;
  @Inject private AccountService accounts;
  @Inject private UpdateStream stream;
  @Inject private Signals signals;
  @Inject private RateLimits limits;
  @Inject private ReportService reports;
  @Inject private ReportRights rights;
  @Inject private Meters meters;

  @Resource(lookup = "java:comp/DefaultManagedThreadFactory")
  private ManagedThreadFactory threads;

  private volatile @Nullable MessageHandler handler;
  private volatile @Nullable WorkerPool reads;
  private volatile @Nullable WorkerPool closers;

  void start() {
    PushConfig config = PushConfig.from(KnownConfig.get());
    Clock clock = Clock.systemUTC();
    // A socket has one read at a time, and the one before may still be on its way out.
    int waiting = 2 * config.socketsTotal();
    WorkerPool reading =
        new WorkerPool("push-read", config.resumeConcurrency(), waiting, threads, meters);
    reads = reading;
    closers = new WorkerPool("push-close", CLOSERS, waiting, threads, meters);
    PushHub hub = new PushHub(config, node(), queries, accounts, meters, clock, reading);
    hub.tell(signals);
    hub.start(stream, threads);
    signals.subscribe(this::told);
    ReportRequests requests = new ReportRequests(reports, rights, clock);
    handler =
        new MessageHandler(
            hub,
            commands,
            (account, json, id) -> requests.submit(account, json, id, ReportChannel.WEBSOCKET),
            limits.writes(),
            clock);
  }

  void stop() throws InterruptedException {
    MessageHandler started = handler;
    handler = null;
    if (started != null) {
      started.hub().stop();
    }
    for (WorkerPool pool : new @Nullable WorkerPool[] {reads, closers}) {
      if (pool != null) {
        pool.close();
      }
    }
  }

  /** Whether every thread of push works; also before it is started. */
  boolean alive() {
    MessageHandler started = handler;
    return started == null || started.hub().alive();
  }

  /** Whoever was disabled or has another password since goes at once, on every node. */
  void changed(@Observes AccountChanged change) {
    review(change.accountId());
    signals.send(new Signal.AccountTouched(change.accountId()));
  }

  /** What another node tells. */
  private void told(Signal signal) {
    MessageHandler started = handler;
    switch (signal) {
      case Signal.AccountTouched touched -> {
        accounts.refresh(touched.account());
        review(touched.account());
      }
      case Signal.Typing typing -> {
        if (started != null) {
          started.hub().typingElsewhere(typing.group(), typing.by());
        }
      }
    }
  }

  private void review(long account) {
    MessageHandler started = handler;
    if (started != null) {
      started.hub().review(account);
    }
  }

  MessageHandler handler() {
    MessageHandler started = handler;
    if (started == null) {
      throw new ServiceException(ErrorCode.READ_UNAVAILABLE, "push is not started");
    }
    return started;
  }

  /** Closes sockets; rejects when it is not started. */
  Executor closer() {
    return task -> {
      WorkerPool pool = closers;
      if (pool == null) {
        throw new RejectedExecutionException("push is not started");
      }
      pool.execute(task);
    };
  }

  /** Runs a stream of reports, each on a thread of its own. */
  Executor streams() {
    return task -> {
      Thread thread = threads.newThread(task);
      thread.setName("plenum-report-stream");
      thread.start();
    };
  }

  private static String node() {
    String instance = System.getProperty("com.sun.aas.instanceName");
    return instance == null ? "node" : instance;
  }
}
