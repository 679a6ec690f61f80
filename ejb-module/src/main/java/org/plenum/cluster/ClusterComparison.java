package org.plenum.cluster;

import java.net.ConnectException;
import java.net.http.HttpConnectTimeoutException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;
import org.plenum.cluster.api.ClusterConsistency;
import org.plenum.cluster.api.ClusterNode;
import org.plenum.cluster.api.ClusterNode.Presence;
import org.plenum.cluster.api.NodeConsistency;
import org.plenum.cluster.api.NodeStatus;
import org.plenum.platform.ServiceException;
import org.plenum.reader.api.ConsistencyReport;
import org.plenum.reader.api.ConsistencyService;

/**
 * The comparison of all nodes' caches with the database (GRP-5). The others are asked first, all at
 * once; then this node compares its own while they work; then each is waited for until its limit,
 * and {@link #GRACE} for the way. At most {@link Roster#MAX_NODES} nodes are asked. Thread-safe.
 */
final class ClusterComparison {
  private static final Logger LOG = Logger.getLogger(ClusterComparison.class.getName());

  /** What a node that stops at its limit may need for the value it looks at, and the way. */
  private static final Duration GRACE = Duration.ofSeconds(5);

  private final Supplier<List<ClusterNode>> nodes;
  private final ConsistencyService local;
  private final ConsistencyTransport transport;
  private final Duration limit;
  private final LongSupplier nanoTime;

  /**
   * The comparison.
   *
   * @param nodes this one first, then the others that are known
   * @param limit how long each node may compare
   */
  ClusterComparison(
      Supplier<List<ClusterNode>> nodes,
      ConsistencyService local,
      ConsistencyTransport transport,
      Duration limit,
      LongSupplier nanoTime) {
    this.nodes = nodes;
    this.local = local;
    this.transport = transport;
    this.limit = limit;
    this.nanoTime = nanoTime;
  }

  ClusterConsistency compare(int sample) {
    long start = nanoTime.getAsLong();
    List<ClusterNode> known = nodes.get();
    List<NodeConsistency> all = new ArrayList<>();
    Map<String, CompletableFuture<NodeConsistency>> asked = new LinkedHashMap<>();
    for (ClusterNode node : known.subList(1, known.size())) {
      asked.put(node.name(), ask(node, sample, start));
    }
    all.add(here(known.getFirst().name(), sample, start));
    long end = start + limit.plus(GRACE).toNanos();
    asked.forEach((name, each) -> all.add(await(name, each, start, end)));
    return new ClusterConsistency(all);
  }

  private Duration since(long start) {
    return Duration.ofNanos(nanoTime.getAsLong() - start);
  }

  private NodeConsistency here(String name, int sample, long start) {
    try {
      return NodeConsistency.of(name, local.consistency(sample, limit), since(start));
    } catch (ServiceException e) {
      return NodeConsistency.not(name, e.detail(), since(start));
    }
  }

  private CompletableFuture<NodeConsistency> ask(ClusterNode node, int sample, long start) {
    NodeStatus status = node.status();
    String refusal = refusal(node, status);
    if (refusal != null || status == null) {
      return CompletableFuture.completedFuture(
          NodeConsistency.not(node.name(), String.valueOf(refusal), Duration.ZERO));
    }
    CompletableFuture<ConsistencyReport> report;
    try {
      report = transport.ask(status.url(), sample, limit);
    } catch (IllegalArgumentException e) {
      // What it says of itself is no address.
      return CompletableFuture.failedFuture(e);
    }
    CompletableFuture<NodeConsistency> answer =
        report.thenApply(found -> NodeConsistency.of(node.name(), found, since(start)));
    var unused =
        answer.whenComplete(
            (done, failure) -> {
              if (answer.isCancelled()) {
                report.cancel(true);
              }
            });
    return answer;
  }

  private static @Nullable String refusal(ClusterNode node, @Nullable NodeStatus status) {
    if (node.presence() == Presence.SILENT) {
      return "not heard of for " + Words.time(node.age());
    }
    if (status == null || node.presence() == Presence.UNREADABLE) {
      return "it speaks a form that this version cannot read";
    }
    return status.url().isEmpty() ? "it does not say where it is reached" : null;
  }

  private NodeConsistency await(
      String name, CompletableFuture<NodeConsistency> asked, long start, long end) {
    try {
      return asked.get(Math.max(0, end - nanoTime.getAsLong()), TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      asked.cancel(true);
      return NodeConsistency.not(name, "no answer for " + Words.time(since(start)), since(start));
    } catch (ExecutionException | CancellationException e) {
      LOG.log(Level.FINE, "no report of " + name, e);
      return NodeConsistency.not(name, words(e), since(start));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      asked.cancel(true);
      return NodeConsistency.not(name, "the report was interrupted", since(start));
    }
  }

  private static String words(Exception e) {
    Throwable cause = e;
    while ((cause instanceof ExecutionException || cause instanceof CompletionException)
        && cause.getCause() != null) {
      cause = cause.getCause();
    }
    if (cause instanceof ConnectException || cause instanceof HttpConnectTimeoutException) {
      return "it cannot be reached";
    }
    String message = cause.getMessage();
    return message == null ? cause.getClass().getSimpleName() : message;
  }
}
