package org.plenum.cluster;

import jakarta.annotation.PostConstruct;
import jakarta.annotation.PreDestroy;
import jakarta.annotation.Resource;
import jakarta.enterprise.concurrent.ManagedThreadFactory;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.time.Duration;
import org.eclipse.microprofile.config.Config;
import org.jspecify.annotations.Nullable;
import org.plenum.cluster.api.ClusterConsistency;
import org.plenum.cluster.api.ClusterConsistencyService;
import org.plenum.cluster.api.ClusterService;
import org.plenum.platform.NodeConfig;
import org.plenum.platform.WorkerPool;
import org.plenum.platform.config.KnownConfig;
import org.plenum.platform.metrics.Meters;
import org.plenum.reader.api.ConsistencyService;

/** The consistency report of all nodes. A shell. */
@ApplicationScoped
public class ClusterConsistencyBean implements ClusterConsistencyService {
  private static final Duration CONNECT = Duration.ofSeconds(2);
  private static final int ANSWERERS = 2;

  @Inject private ClusterService cluster;
  @Inject private ConsistencyService local;
  @Inject private Meters meters;

  @Resource(lookup = "java:comp/DefaultManagedThreadFactory")
  private ManagedThreadFactory threads;

  private Duration limit = Duration.ZERO;
  private @Nullable WorkerPool pool;
  private @Nullable HttpConsistencyTransport transport;
  private @Nullable ClusterComparison comparison;

  @PostConstruct
  void start() {
    Config config = KnownConfig.get();
    limit = ClusterConfig.from(config).consistencyLimit();
    WorkerPool answers =
        new WorkerPool("consistency-answer", ANSWERERS, 4 * Roster.MAX_NODES, threads, meters);
    HttpConsistencyTransport http =
        new HttpConsistencyTransport(NodeConfig.from(config).secret(), CONNECT, answers);
    pool = answers;
    transport = http;
    comparison =
        new ClusterComparison(() -> cluster.view().nodes(), local, http, limit, System::nanoTime);
  }

  @PreDestroy
  void stop() {
    if (transport != null) {
      transport.close();
    }
    if (pool != null) {
      pool.close();
    }
  }

  @Override
  public ClusterConsistency compare(int sample) {
    if (comparison == null) {
      throw new IllegalStateException("the comparison is not started");
    }
    return comparison.compare(sample);
  }

  @Override
  public byte[] compareFor(int sample, Duration patience) {
    Duration least = patience.compareTo(limit) < 0 ? patience : limit;
    return ConsistencyCodec.encode(local.consistency(sample, least));
  }
}
