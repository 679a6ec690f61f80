package org.plenum.balancer;

import jakarta.annotation.PostConstruct;
import jakarta.annotation.PreDestroy;
import jakarta.annotation.Priority;
import jakarta.annotation.Resource;
import jakarta.enterprise.concurrent.ManagedThreadFactory;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.eclipse.microprofile.config.Config;
import org.eclipse.microprofile.config.ConfigProvider;
import org.jspecify.annotations.Nullable;
import org.plenum.balancer.api.BalancerMark;
import org.plenum.cluster.api.ClusterService;
import org.plenum.platform.ApplicationStops;
import org.plenum.platform.NodeConfig;
import org.plenum.platform.WorkerPool;
import org.plenum.platform.config.KnownConfig;
import org.plenum.platform.health.DeploymentCheck;
import org.plenum.platform.metrics.Meters;

/**
 * The balancer of this node, where it is switched on. A shell: it owns the thread that looks who
 * belongs to the cluster and who is ready.
 */
@ApplicationScoped
public class BalancerBean {
  private static final Logger LOG = Logger.getLogger(BalancerBean.class.getName());
  private static final Duration JOIN = Duration.ofSeconds(5);
  private static final int CHECK_THREADS = 2;

  @Inject private ClusterService cluster;
  @Inject private Meters meters;

  @Resource(lookup = "java:comp/DefaultManagedThreadFactory")
  private ManagedThreadFactory threads;

  private final CountDownLatch stop = new CountDownLatch(1);

  /** Of the looking thread alone. */
  private final Set<String> metered = new HashSet<>();

  private volatile @Nullable Balancer balancer;
  private @Nullable WorkerPool pool;
  private @Nullable PeerCheck check;
  private @Nullable Thread looking;
  private @Nullable Thread reading;

  /** Nodes that get nothing new. */
  private volatile Set<String> draining = Set.of();

  @PostConstruct
  void start() {
    Config source = KnownConfig.get();
    BalancerConfig config = BalancerConfig.from(source);
    if (!config.enabled()) {
      return;
    }
    DeploymentCheck.refuse(BalancerConfig.problems(source));
    Balancer started = new Balancer(config, BalancerMark.of(NodeConfig.from(source)).orElse(null));
    try {
      started.start();
    } catch (RuntimeException e) {
      LOG.log(Level.SEVERE, "the balancer cannot listen", e);
      DeploymentCheck.refuse(
          List.of(
              "plenum.balancer.listen, plenum.balancer.port: %s:%d cannot be listened on"
                  .formatted(config.listen(), config.port())));
    }
    balancer = started;
    meters.gauge("balancer_retries", "Requests that were given to a node again", started::retries);
    meters.gauge("balancer_unserved", "Requests that no node could take", started::unserved);
    meters.gauge(
        "balancer_kept_bytes", "Bodies that are kept to be sent again, in bytes", started::kept);
    pool = new WorkerPool("balancer-check", CHECK_THREADS, Peers.MAX_PEERS * 8, threads, meters);
    PeerCheck asking = new PeerCheck(started.peers(), config.checkTimeout(), pool);
    check = asking;
    draining = BalancerConfig.draining(source);
    Thread thread = threads.newThread(() -> look(started, asking, config.checkInterval()));
    thread.setName("plenum-balancer");
    thread.start();
    looking = thread;
    Thread reader = threads.newThread(() -> read(config.checkInterval()));
    reader.setName("plenum-balancer-drain");
    reader.start();
    reading = reader;
  }

  /**
   * Which nodes get nothing new, in a thread apart: Payara looks for a value on the data grid too,
   * which may not answer for a minute, just when a node is to be found dead.
   */
  private void read(Duration interval) {
    try {
      while (!stop.await(interval.toMillis(), TimeUnit.MILLISECONDS)) {
        try {
          draining = BalancerConfig.draining(ConfigProvider.getConfig());
        } catch (RuntimeException | Error e) {
          LOG.log(Level.WARNING, "plenum.balancer.drain cannot be read and stays as it was", e);
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void look(Balancer started, PeerCheck asking, Duration interval) {
    try {
      do {
        try {
          started.peers().members(ClusterMembers.of(cluster.view()), draining);
          started.peers().all().forEach(this::meter);
          asking.askAll();
        } catch (RuntimeException | Error e) {
          LOG.log(Level.WARNING, "the balancer goes on with the nodes that it knows", e);
        }
      } while (!stop.await(interval.toMillis(), TimeUnit.MILLISECONDS));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** By the name of the node, which may come back at another address. */
  private void meter(Peer peer) {
    if (metered.size() >= Peers.MAX_PEERS || !metered.add(peer.name() + " " + peer.url())) {
      return;
    }
    String name = peer.name();
    meters.gauge("balancer_chosen", "Requests given to a node", "peer", name, peer::chosen);
    meters.gauge(
        "balancer_answered", "Requests that a node answered", "peer", name, peer::answered);
    meters.gauge(
        "balancer_failures",
        "Requests that broke off, or that a node could not be given",
        "peer",
        name,
        peer::failures);
    meters.gauge(
        "balancer_open_requests", "Requests at work on a node", "peer", name, peer::requests);
    meters.gauge(
        "balancer_open_streams", "Open sockets and streams of a node", "peer", name, peer::streams);
    meters.gauge(
        "balancer_ready",
        "1 for a node that gets requests",
        "peer",
        name,
        () -> peer.state() == Peer.State.READY ? 1 : 0);
  }

  /** Whether this node balances. */
  boolean enabled() {
    return balancer != null;
  }

  /** Whether it takes connections. */
  boolean listening() {
    Balancer started = balancer;
    return started != null && started.listening();
  }

  /** Those that get requests, by name. */
  List<Peer> peers() {
    Balancer started = balancer;
    return started == null ? List.of() : List.copyOf(started.peers().all());
  }

  /** Where it listens, empty when it does not. */
  String address() {
    Balancer started = balancer;
    return started == null || !started.listening() ? "" : started.address().toString();
  }

  /** Ends as {@link #stop()} does, when the server stops; before anything that takes work in. */
  public void applicationStops(
      @Observes @Priority(ApplicationStops.CONSUMERS - 1) ApplicationStops event) {
    stop();
  }

  @PreDestroy
  void stop() {
    stop.countDown();
    Balancer started = balancer;
    Thread thread = looking;
    if (started == null || thread == null || !started.listening()) {
      return;
    }
    started.close();
    try {
      if (!thread.join(JOIN)) {
        thread.interrupt();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    if (reading != null) {
      reading.interrupt();
    }
    if (check != null) {
      check.close();
    }
    if (pool != null) {
      pool.close();
    }
  }
}
