package org.plenum.writer;

import jakarta.annotation.PostConstruct;
import jakarta.annotation.PreDestroy;
import jakarta.annotation.Resource;
import jakarta.enterprise.concurrent.ManagedThreadFactory;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletionStage;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.plenum.group.api.CommandAnswer;
import org.plenum.group.api.CommandEnvelope;
import org.plenum.platform.NodeConfig;
import org.plenum.platform.WorkerPool;
import org.plenum.platform.config.KnownConfig;
import org.plenum.platform.metrics.Meters;
import org.plenum.writer.api.WriterGateway;
import org.plenum.writer.api.WriterPeers;

/**
 * The gateway that business nodes use: alone, the writer of this node; in a cluster, a {@link
 * CommandRouter} with its thread. A shell.
 */
@ApplicationScoped
public class WriterRoute implements WriterGateway {
  private static final Duration JOIN = Duration.ofSeconds(5);
  private static final int ANSWERERS = 4;
  private static final int MAX_WAITING = 20_000;

  @Inject private LocalWriter local;
  @Inject private WriterPeers peers;
  @Inject private Meters meters;

  @Resource(lookup = "jdbc/plenum")
  private DataSource dataSource;

  @Resource(lookup = "java:comp/DefaultManagedThreadFactory")
  private ManagedThreadFactory threads;

  private @Nullable CommandRouter router;
  private @Nullable HttpWriterTransport transport;
  private @Nullable WorkerPool pool;
  private @Nullable WorkerPool looks;
  private @Nullable Thread thread;

  @PostConstruct
  void start() {
    NodeConfig node = NodeConfig.from(KnownConfig.get());
    if (!node.clustered()) {
      return;
    }
    RouterConfig config = RouterConfig.from(KnownConfig.get());
    Clock clock = Clock.systemUTC();
    WorkerPool answers =
        new WorkerPool("writer-route-answer", ANSWERERS, MAX_WAITING, threads, meters);
    pool = answers;
    HttpWriterTransport http =
        new HttpWriterTransport(node.secret(), config.connect(), answers, clock);
    WorkerPool look = new WorkerPool("writer-route-look", 1, 1, threads, meters);
    looks = look;
    Leaders leaders = new BoundedLeaders(new JdbcLeaders(dataSource), look, config.lookLimit());
    CommandRouter started =
        new CommandRouter(
            local, node.url(), leaders, peers, http, config, clock, System::nanoTime, meters);
    Thread runner = threads.newThread(started);
    runner.setName("plenum-writer-route");
    runner.start();
    router = started;
    transport = http;
    thread = runner;
  }

  @PreDestroy
  void stop() {
    if (router == null || transport == null || thread == null) {
      return;
    }
    router.stop();
    thread.interrupt();
    try {
      thread.join(JOIN);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    transport.close();
    for (WorkerPool each : new @Nullable WorkerPool[] {pool, looks}) {
      if (each != null) {
        each.close();
      }
    }
  }

  @Override
  public CompletionStage<CommandAnswer> submit(CommandEnvelope envelope) {
    CommandRouter current = router;
    return current == null ? local.submit(envelope) : current.submit(envelope);
  }

  /** Takes over acknowledged MEMORY writes of a writer that was overtaken. */
  void adopt(List<CommandEnvelope> acknowledged) {
    CommandRouter current = router;
    if (current != null) {
      current.adopt(acknowledged);
    }
  }

  /**
   * Waits until the next writer has what was adopted; for a node that stops, after its writer.
   *
   * @return false when it has not within the limit
   */
  boolean settle(Duration limit) throws InterruptedException {
    CommandRouter current = router;
    return current == null || current.settle(limit);
  }

  /** Whether commands find their way: without a router there is none to fail. */
  public boolean alive() {
    Thread current = thread;
    return router == null || (current != null && current.isAlive());
  }

  /** Commands that wait for a way to another node's writer. */
  public int depth() {
    CommandRouter current = router;
    return current == null ? 0 : current.depth();
  }

  /** Where the leader is that answered last; empty when this node leads or none is known. */
  public String leader() {
    CommandRouter current = router;
    return current == null ? "" : current.known().map(Leaders.Leader::url).orElse("");
  }
}
