package org.plenum.report.xmpp;

import jakarta.annotation.PostConstruct;
import jakarta.annotation.Resource;
import jakarta.enterprise.concurrent.ManagedThreadFactory;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Instance;
import jakarta.inject.Inject;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.UUID;
import java.util.function.Supplier;
import java.util.logging.Logger;
import javax.sql.DataSource;
import org.eclipse.microprofile.config.Config;
import org.jspecify.annotations.Nullable;
import org.plenum.platform.NodeConfig;
import org.plenum.platform.ServiceException;
import org.plenum.platform.config.KnownConfig;
import org.plenum.platform.metrics.Meters;
import org.plenum.report.api.ReportService;
import org.plenum.report.api.XmppStatus;

/** The XMPP intake of this node; a shell that wires it. Without servers nothing of it is loaded. */
@ApplicationScoped
public class XmppBeans implements XmppStatus {
  private static final Logger LOG = Logger.getLogger(XmppBeans.class.getName());
  private static final Duration JOIN = Duration.ofSeconds(15);

  @Inject private Instance<ReportService> services;
  @Inject private Meters meters;

  @Resource(lookup = "jdbc/plenum")
  private DataSource dataSource;

  @Resource(lookup = "java:comp/DefaultManagedThreadFactory")
  private ManagedThreadFactory threads;

  private @Nullable XmppNode node;
  private @Nullable Thread thread;

  @PostConstruct
  void start() {
    Config config = KnownConfig.get();
    List<XmppAccount> accounts = XmppConfig.servers(config);
    if (accounts.isEmpty()) {
      LOG.info("no XMPP servers are configured");
      return;
    }
    ReportService service = services.get();
    NodeConfig self = NodeConfig.from(config);
    XmppNode started =
        new XmppNode(
            accounts,
            new Wiring(config, service, dataSource, new XmppMeters(meters))::intake,
            new JdbcXmppLeases(dataSource),
            new XmppNode.Terms(
                self.name(),
                self.name() + "/" + UUID.randomUUID(),
                XmppConfig.LEASE_SECONDS.from(config),
                XmppConfig.RENEW.from(config)),
            threads,
            source -> position(service, source),
            service::open,
            Clock.systemUTC());
    gauges(started);
    Thread runner = threads.newThread(started);
    runner.setName("plenum-xmpp");
    runner.start();
    node = started;
    thread = runner;
  }

  private void gauges(XmppNode started) {
    meters.gauge(
        "xmpp_servers_owned", "XMPP servers that this node reads", () -> started.views().size());
    meters.gauge(
        "xmpp_servers_live",
        "XMPP servers that this node reads and is up to date with",
        () -> started.views().values().stream().filter(v -> v.state() == State.LIVE).count());
    meters.gauge(
        "xmpp_lag_seconds",
        "Age of the last message read from the archive that is furthest behind; 0 when all are"
            + " live",
        () -> started.views().values().stream().mapToDouble(XmppBeans::lag).max().orElse(0));
  }

  private static double lag(XmppView view) {
    Instant last = view.lastArchived();
    if (view.state() == State.LIVE) {
      return 0;
    }
    Instant from = last == null ? view.since() : last;
    return Math.max(0, Duration.between(from, Instant.now()).toMillis() / 1_000.0);
  }

  private static @Nullable String position(ReportService service, String source) {
    try {
      return service.position(source).orElse(null);
    } catch (ServiceException e) {
      return null;
    }
  }

  /** Ends all connections and gives the servers to other nodes. */
  void stop() {
    Thread runner = thread;
    if (node == null || runner == null) {
      return;
    }
    thread = null;
    node.stop();
    try {
      if (!runner.join(JOIN)) {
        runner.interrupt();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    SmackThreads.end();
  }

  /** What can be seen of the servers that this node owns. */
  Map<XmppAccount, XmppView> views() {
    return node == null ? Map.of() : node.views();
  }

  @Override
  public List<Connection> connections() {
    return node == null ? List.of() : node.connections();
  }

  /** Makes intakes; a class of its own, so that Smack is loaded only when it is used. */
  static final class Wiring {
    private final Config config;
    private final ReportService service;
    private final XmppLetters letters;
    private final XmppMeters meters;
    private final SmackArchiveServer.Link link;

    Wiring(Config config, ReportService service, DataSource dataSource, XmppMeters meters) {
      this.config = config;
      this.service = service;
      this.letters = new JdbcXmppLetters(dataSource, XmppConfig.LETTER_LIMIT.from(config));
      this.meters = meters;
      this.link =
          new SmackArchiveServer.Link(
              XmppConfig.RESOURCE.from(config).strip(),
              XmppConfig.TLS.from(config),
              XmppSecrets.trust(XmppConfig.TRUST_FILE.from(config)),
              XmppConfig.CONNECT_TIMEOUT.from(config),
              XmppConfig.REPLY_TIMEOUT.from(config));
    }

    XmppIntake intake(XmppAccount account) {
      Clock clock = Clock.systemUTC();
      Supplier<String> password = XmppSecrets.password(config, account);
      return new XmppIntake(
          account,
          new SmackArchiveServer(account, password, link),
          service,
          new XmppReports(
              account, XmppConfig.MAX_BYTES.from(config), XmppConfig.reporters(config), clock),
          letters,
          XmppConfig.pace(config),
          clock,
          System::nanoTime,
          new SplittableRandom(),
          meters);
    }
  }
}
