package org.plenum.web.push;

import jakarta.annotation.Resource;
import jakarta.enterprise.concurrent.ManagedExecutorDefinition;
import jakarta.enterprise.concurrent.ManagedExecutorService;
import jakarta.enterprise.concurrent.ManagedThreadFactory;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import java.time.Clock;
import java.util.concurrent.Executor;
import org.eclipse.microprofile.config.ConfigProvider;
import org.jspecify.annotations.Nullable;
import org.plenum.account.api.AccountChanged;
import org.plenum.account.api.AccountService;
import org.plenum.group.api.GroupCommandService;
import org.plenum.group.api.GroupQueryService;
import org.plenum.platform.ErrorCode;
import org.plenum.platform.ServiceException;
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
@ManagedExecutorDefinition(name = PushBean.EXECUTOR, virtual = true)
public class PushBean {
  static final String EXECUTOR = "java:app/concurrent/PlenumPush";

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

  @Resource(lookup = EXECUTOR)
  private ManagedExecutorService executor;

  private volatile @Nullable MessageHandler handler;

  void start() {
    PushConfig config = PushConfig.from(ConfigProvider.getConfig());
    Clock clock = Clock.systemUTC();
    PushHub hub = new PushHub(config, node(), queries, accounts, meters, clock, executor);
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

  /** Runs what may block for a slow peer or the database. */
  Executor executor() {
    return executor;
  }

  private static String node() {
    String instance = System.getProperty("com.sun.aas.instanceName");
    return instance == null ? "node" : instance;
  }
}
