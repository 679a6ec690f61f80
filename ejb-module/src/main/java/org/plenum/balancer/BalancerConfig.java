package org.plenum.balancer;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.eclipse.microprofile.config.Config;
import org.plenum.platform.NodeConfig;
import org.plenum.platform.config.ConfigKey;

/**
 * Bounds of the embedded load balancer.
 *
 * @param enabled whether this node balances for its peers
 * @param listen address on which it listens
 * @param port on which it listens
 * @param choice how a request finds its node
 * @param maxConnections of clients, and to one peer
 * @param bufferBytes of a body that is whole before it is sent
 * @param bufferTotal of all such bodies together
 * @param retries of one request
 * @param connectTimeout for a connection to a peer
 * @param requestTimeout for the whole of a request that is no stream
 * @param idleTimeout after which a silent connection is closed
 * @param checkInterval between two checks of a peer
 * @param checkTimeout of one check
 * @param drainTime for what is at work when the node stops
 * @param drain names of nodes that get nothing new
 */
public record BalancerConfig(
    boolean enabled,
    String listen,
    int port,
    Choice choice,
    int maxConnections,
    int bufferBytes,
    int bufferTotal,
    int retries,
    Duration connectTimeout,
    Duration requestTimeout,
    Duration idleTimeout,
    Duration checkInterval,
    Duration checkTimeout,
    Duration drainTime,
    Set<String> drain) {
  private static final ConfigKey<Boolean> ENABLED =
      ConfigKey.flag(
          "plenum.balancer.enabled",
          false,
          "Whether this node takes requests on a port of their own and shares them among all business nodes, itself"
              + " included, in the place of a load balancer. Needs plenum.node.url.");
  private static final ConfigKey<String> LISTEN =
      ConfigKey.text(
          "plenum.balancer.listen",
          "127.0.0.1",
          "Address on which the balancer listens; 0.0.0.0 for all.");
  private static final ConfigKey<Integer> PORT =
      ConfigKey.integer(
          "plenum.balancer.port", 9080, 1, 65_535, "Port on which the balancer listens.");
  private static final ConfigKey<Choice> CHOICE =
      new ConfigKey<>(
          "plenum.balancer.choice",
          "random, even, by-load",
          "even",
          "How the balancer chooses a node for a request: at random, each in turn, or the one with the fewest open"
              + " requests for the processor time that it has left. Sockets and streams always go to the node that has"
              + " the fewest of this balancer.",
          Choice::of);
  private static final ConfigKey<Integer> MAX_CONNECTIONS =
      ConfigKey.integer(
          "plenum.balancer.max-connections",
          20_000,
          16,
          1_000_000,
          "Connections of clients that the balancer has open at once, and connections to one node; more of them wait"
              + " in the system's queue.");
  private static final ConfigKey<Integer> BUFFER_BYTES =
      ConfigKey.integer(
          "plenum.balancer.buffer-bytes",
          64 * 1024,
          0,
          16 * 1024 * 1024,
          "A body that is announced as not longer than this is read whole before it is sent, so that it can be sent"
              + " to another node when the first one dies.");
  private static final ConfigKey<Integer> BUFFER_TOTAL =
      ConfigKey.integer(
          "plenum.balancer.buffer-total-bytes",
          64 * 1024 * 1024,
          0,
          Integer.MAX_VALUE,
          "All bodies that are kept at once; one beyond is passed on as it comes and not sent twice.");
  private static final ConfigKey<Integer> RETRIES =
      ConfigKey.integer(
          "plenum.balancer.retries",
          5,
          0,
          100,
          "How often a request whose node died is given to another one: one that was not sent yet, a read, or a write"
              + " with an Idempotency-Key.");
  private static final ConfigKey<Duration> CONNECT_TIMEOUT =
      ConfigKey.duration(
          "plenum.balancer.connect-timeout", "2s", "Longest wait for a connection to a node.");
  private static final ConfigKey<Duration> REQUEST_TIMEOUT =
      ConfigKey.duration(
          "plenum.balancer.request-timeout",
          "75s",
          "Longest time of a request, sockets and streams left out; then it is answered 504.");
  private static final ConfigKey<Duration> IDLE_TIMEOUT =
      ConfigKey.duration(
          "plenum.balancer.idle-timeout",
          "2m",
          "A connection of a client on which nothing moves for so long is closed; longer than plenum.push.heartbeat.");
  private static final ConfigKey<Duration> CHECK_INTERVAL =
      ConfigKey.duration(
          "plenum.balancer.check-interval",
          "1s",
          "Time between two looks at each node's /health/ready.");
  private static final ConfigKey<Duration> CHECK_TIMEOUT =
      ConfigKey.duration(
          "plenum.balancer.check-timeout",
          "2s",
          "A node that does not answer for so long, twice in a row, is taken for dead: what it has open is given to"
              + " others or closed.");
  private static final ConfigKey<Duration> DRAIN_TIME =
      ConfigKey.duration(
          "plenum.balancer.drain-time",
          "5s",
          "Time for requests at work when the node that balances stops.");
  private static final ConfigKey<List<String>> DRAIN =
      ConfigKey.list(
          "plenum.balancer.drain",
          "",
          "Names of nodes that get nothing new, as before they are stopped; taken up while the node runs.");

  /** Every key. */
  public static final List<ConfigKey<?>> KEYS =
      List.of(
          ENABLED,
          LISTEN,
          PORT,
          CHOICE,
          MAX_CONNECTIONS,
          BUFFER_BYTES,
          BUFFER_TOTAL,
          RETRIES,
          CONNECT_TIMEOUT,
          REQUEST_TIMEOUT,
          IDLE_TIMEOUT,
          CHECK_INTERVAL,
          CHECK_TIMEOUT,
          DRAIN_TIME,
          DRAIN);

  /** Copies its set. */
  public BalancerConfig {
    drain = Set.copyOf(drain);
  }

  /** The values in force. */
  public static BalancerConfig from(Config config) {
    return new BalancerConfig(
        ENABLED.from(config),
        LISTEN.from(config).strip(),
        PORT.from(config),
        CHOICE.from(config),
        MAX_CONNECTIONS.from(config),
        BUFFER_BYTES.from(config),
        BUFFER_TOTAL.from(config),
        RETRIES.from(config),
        CONNECT_TIMEOUT.from(config),
        REQUEST_TIMEOUT.from(config),
        IDLE_TIMEOUT.from(config),
        CHECK_INTERVAL.from(config),
        CHECK_TIMEOUT.from(config),
        DRAIN_TIME.from(config),
        draining(config));
  }

  /** The nodes that get nothing new, as configured at this moment. */
  static Set<String> draining(Config config) {
    return Set.copyOf(DRAIN.from(config));
  }

  /** A sentence for each thing that would keep this node from balancing. */
  public static List<String> problems(Config config) {
    List<String> problems = new ArrayList<>();
    if (!ENABLED.from(config)) {
      return problems;
    }
    String url = NodeConfig.from(config).url();
    if (url.isEmpty()) {
      problems.add(
          "plenum.balancer.enabled needs plenum.node.url: a node without one has no peers, not even itself");
    } else if (!url.startsWith("http://")) {
      problems.add("the balancer speaks plain HTTP with the nodes; plenum.node.url is " + url);
    }
    return problems;
  }
}
