package org.plenum.cluster;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;
import org.plenum.cluster.api.ClusterNode;
import org.plenum.cluster.api.ClusterService;
import org.plenum.cluster.api.ClusterView;
import org.plenum.cluster.api.DatabaseStatus;
import org.plenum.cluster.api.Figure;
import org.plenum.cluster.api.NodeStatus;
import org.plenum.cluster.api.StatusBoard;
import org.plenum.platform.ProductVersion;

/**
 * What this node knows of itself and of the others. Three threads feed it: {@link #look} asks what
 * may have to be waited for (the database, the readiness), {@link #sample} samples the meters,
 * {@link #exchange} exchanges statuses over the board, which waits while a member of the data grid
 * is frozen (ADR 0057). When one of them is stuck the others go on, and {@link #view} says so, from
 * memory. No fault leaves it.
 */
final class ClusterMonitor implements ClusterService {
  private static final Logger LOG = Logger.getLogger(ClusterMonitor.class.getName());

  private static final String WRITER = "writer";

  private final Self self;
  private final ClusterConfig config;
  private final NodeSampler sampler;
  private final Supplier<Look> looks;
  private final StatusBoard board;
  private final Roster roster;
  private final ClusterChecks checks;
  private final LongSupplier nanoTime;
  private final Clock clock;
  private final Instant startedAt;

  /** Of the sampling thread alone. */
  private long beat;

  private volatile @Nullable Look last;
  private volatile NodeStatus own;

  /** When the exchange that goes on began, 0 while none does. */
  private volatile long exchanging;

  private volatile @Nullable String gridFault;
  private volatile boolean hasBoard;

  /**
   * This node.
   *
   * @param url where others reach it, empty when there are none
   */
  record Self(String name, List<String> roles, String url) {
    /** Whether there are others. */
    boolean clustered() {
      return !url.isEmpty();
    }
  }

  ClusterMonitor(
      Self self,
      ClusterConfig config,
      NodeSampler sampler,
      Supplier<Look> looks,
      StatusBoard board,
      LongSupplier nanoTime,
      Clock clock) {
    this.self = self;
    this.config = config;
    this.sampler = sampler;
    this.looks = looks;
    this.board = board;
    this.nanoTime = nanoTime;
    this.clock = clock;
    this.startedAt = clock.instant();
    this.beat = startedAt.toEpochMilli();
    this.roster = new Roster(self.name(), config.silentAfter(), config.forgetAfter(), nanoTime);
    this.checks = new ClusterChecks(self, config);
    this.own = status(Map.of());
  }

  /** Asks what may have to be waited for. Never throws. */
  void look() {
    try {
      last = looks.get();
    } catch (RuntimeException | Error e) {
      LOG.log(Level.WARNING, "the state of this node cannot be told", e);
    }
  }

  /** Samples this node; waits for nothing. Never throws. */
  void sample() {
    try {
      own = status(sampler.sample());
    } catch (RuntimeException | Error e) {
      LOG.log(Level.WARNING, "the meters of this node cannot be read", e);
    }
  }

  /** Exchanges statuses with the others. Never throws. */
  void exchange() {
    try {
      exchange(NodeStatusCodec.encode(own));
    } catch (RuntimeException | Error e) {
      if (gridFault == null) {
        LOG.log(Level.WARNING, "statuses cannot be exchanged over the data grid", e);
      }
      gridFault = e.getClass().getSimpleName() + ": " + e.getMessage();
    } finally {
      exchanging = 0;
    }
  }

  private void exchange(byte[] status) {
    exchanging = Math.max(1, nanoTime.getAsLong());
    Map<String, byte[]> found = board.exchange(self.name(), status, Roster.MAX_NODES);
    hasBoard = !found.isEmpty();
    roster.take(found).forEach(board::remove);
    if (gridFault != null) {
      LOG.info("statuses are exchanged over the data grid again");
    }
    gridFault = null;
  }

  private NodeStatus status(Map<Figure, Double> sampled) {
    Look look = last;
    Map<Figure, Double> figures = new EnumMap<>(Figure.class);
    figures.putAll(sampled);
    boolean ready = false;
    List<String> reasons = List.of("not asked yet");
    if (look != null) {
      Double millis = database(look).millis();
      figures.put(Figure.DATABASE_MILLIS, millis == null ? -1.0 : millis);
      if (look.behind() != null) {
        figures.put(Figure.BEHIND, (double) look.behind());
      }
      Duration age = age(look);
      boolean stuck = age.compareTo(config.silentAfter()) > 0;
      ready = look.ready() && !stuck;
      reasons =
          stuck ? List.of("the checks have not ended for " + Words.time(age)) : look.reasons();
    }
    return new NodeStatus(
        self.name(),
        ProductVersion.TEXT,
        ++beat,
        startedAt,
        self.roles(),
        ready,
        reasons,
        figures,
        self.url());
  }

  /** As {@link org.plenum.writer.api.WriterPeers#urls()}. */
  List<String> writers() {
    List<String> urls = new ArrayList<>();
    for (ClusterNode node : roster.nodes(own)) {
      NodeStatus said = node.status();
      if (node.presence() == ClusterNode.Presence.HERE
          && said != null
          && !node.name().equals(self.name())
          && said.roles().contains(WRITER)
          && !said.url().isEmpty()) {
        urls.add(said.leads() ? 0 : urls.size(), said.url());
      }
    }
    return List.copyOf(urls);
  }

  /** How the database is replicated, as far as this node knows; nothing while that is old. */
  DatabaseStatus.Replication replication() {
    return database(last).replication();
  }

  private Duration age(Look look) {
    return Duration.ofNanos(Math.max(0, nanoTime.getAsLong() - look.nanos()));
  }

  private DatabaseStatus database(@Nullable Look look) {
    if (look == null) {
      return DatabaseStatus.UNKNOWN;
    }
    Duration age = age(look);
    return age.compareTo(config.silentAfter()) <= 0
        ? look.database()
        : new DatabaseStatus(
            look.database().product(),
            null,
            "no answer for " + Words.time(age),
            DatabaseStatus.Replication.NONE);
  }

  @Override
  public ClusterView view() {
    Look look = last;
    List<ClusterNode> nodes = roster.nodes(own);
    DatabaseStatus database = database(look);
    Long letters = look == null ? null : look.letters();
    var problems = checks.problems(nodes, database, letters, grid());
    return new ClusterView(
        self.name(),
        clock.instant(),
        checks.verdict(nodes, problems),
        problems,
        nodes,
        database,
        look == null ? null : look.head(),
        letters);
  }

  private ClusterChecks.Grid grid() {
    long since = exchanging;
    Duration waited = Duration.ofNanos(since == 0 ? 0 : nanoTime.getAsLong() - since);
    String fault =
        waited.compareTo(config.silentAfter()) > 0
            ? "no answer for " + Words.time(waited)
            : gridFault;
    return new ClusterChecks.Grid(hasBoard, fault);
  }
}
