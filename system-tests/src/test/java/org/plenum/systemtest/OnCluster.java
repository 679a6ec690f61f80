package org.plenum.systemtest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.plenum.testkit.ClusterServers;
import org.plenum.testkit.RestClient;

/**
 * Runs on a cluster of {@code -Dplenum.cluster.nodes} (2 by default) that its classes share, one
 * after the other: a deployment group, a broker, PostgreSQL with a replica, HAProxy. A class leaves
 * all of it running; the machine's end of the tests stops it.
 */
@ResourceLock("cluster")
abstract class OnCluster {
  static final int NODES = Integer.getInteger("plenum.cluster.nodes", 2);

  private static @Nullable ClusterServers shared;

  @SuppressWarnings("NullAway.Init")
  static ClusterServers cluster;

  @BeforeAll
  static void up() {
    cluster = shared();
  }

  private static synchronized ClusterServers shared() {
    ClusterServers running = shared;
    if (running == null) {
      // Its shutdown hook stops it.
      running =
          ClusterServers.start(
              path("plenum.payara.home", "target/payara7"),
              path("plenum.project", ".."),
              path("plenum.work", "target/work"),
              ClusterServers.Options.shortLived(
                  NODES,
                  Map.ofEntries(
                      Map.entry("plenum.limits.writes-per-second", "500"),
                      Map.entry("plenum.limits.write-burst", "1000"),
                      Map.entry("plenum.limits.reads-per-second", "1000"),
                      Map.entry("plenum.limits.read-burst", "2000"),
                      Map.entry("plenum.limits.sign-ins-per-minute", "0"),
                      Map.entry("plenum.limits.sign-ins-per-minute-and-address", "0"),
                      Map.entry("plenum.accounts.hash-iterations", "5000"),
                      Map.entry("plenum.cluster.consistency-limit", "10s"),
                      Map.entry("plenum.reader.snapshot-interval", "5s"),
                      Map.entry("plenum.report.stream.groups", "erp"),
                      Map.entry("plenum.push.heartbeat", "2s"))));
      shared = running;
    }
    return running;
  }

  static Path path(String name, String otherwise) {
    return Path.of(System.getProperty(name, otherwise)).toAbsolutePath().normalize();
  }

  static RestClient person(String name) {
    return cluster.anonymous().signIn(name, "demo-" + name);
  }

  /** Whichever node is asked: all nodes are compared, and nothing differs. */
  static void awaitEqualCaches(ClusterServers servers, RestClient admin) {
    for (String node : servers.nodes()) {
      // A node that was just started is heard of by the others some seconds later.
      await()
          .atMost(Duration.ofMinutes(1))
          .pollInterval(Duration.ofSeconds(1))
          .untilAsserted(
              () -> {
                RestClient.Reply report =
                    at(servers, node, admin).get("/consistency?sample=1000").expect(200);
                assertThat(report.body().path("complete").asBoolean())
                    .as(node + ": " + report.text())
                    .isTrue();
                assertThat(report.body().path("nodes")).hasSize(servers.nodes().size());
                assertThat(report.body().path("differences"))
                    .as(node + ": " + report.text())
                    .isEmpty();
              });
    }
  }

  static RestClient at(ClusterServers servers, String node, RestClient person) {
    return servers.anonymous(node).withToken(Optional.ofNullable(person.token()).orElseThrow());
  }

  static RestClient at(String node, RestClient person) {
    return at(cluster, node, person);
  }
}
