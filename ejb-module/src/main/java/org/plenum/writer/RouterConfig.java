package org.plenum.writer;

import java.time.Duration;
import java.util.List;
import org.eclipse.microprofile.config.Config;
import org.plenum.platform.config.ConfigKey;

/**
 * Bounds and times of the way to the writer of another node.
 *
 * @param queue commands that wait at most
 * @param batch commands in one request at most
 * @param batchBytes encoded size at which a request is full; one larger command travels alone
 * @param look how often the lease is read while an answer is awaited
 * @param lookLimit how long the lease is waited for; then other nodes are asked who leads
 * @param pause time between two tries
 * @param connect time to connect
 */
public record RouterConfig(
    int queue,
    int batch,
    int batchBytes,
    Duration look,
    Duration lookLimit,
    Duration pause,
    Duration connect) {
  /**
   * Bytes of a request that a node accepts from another one: what its HTTP listener lets through
   * ({@code max-post-size-bytes} of {@code domain-config}). The largest command that the bounds of
   * the configuration allow is smaller.
   */
  static final int LARGEST = 4_194_304;

  private static final ConfigKey<Integer> QUEUE =
      ConfigKey.integer(
          "plenum.writer.remote.queue",
          8_192,
          16,
          1_000_000,
          "Commands that wait on this node for the writer of another one; more are turned away.");
  private static final ConfigKey<Integer> BATCH =
      ConfigKey.integer(
          "plenum.writer.remote.batch",
          256,
          1,
          CommandBatchCodec.MAX_COMMANDS,
          "Commands in one request to the writer of another node.");
  private static final ConfigKey<Integer> BATCH_BYTES =
      ConfigKey.integer(
          "plenum.writer.remote.batch-bytes",
          2_097_152,
          65_536,
          LARGEST,
          "Size in bytes at which a request to the writer of another node is full; one larger"
              + " command travels alone.");
  private static final ConfigKey<Duration> LOOK =
      ConfigKey.duration(
          "plenum.writer.remote.look",
          "250ms",
          "How often the lease is read while the writer of another node does not answer.");
  private static final ConfigKey<Duration> LOOK_LIMIT =
      ConfigKey.duration(
          "plenum.writer.remote.look-limit",
          "1s",
          "How long a node waits for the database to say who leads; then it asks the other nodes.");
  private static final ConfigKey<Duration> PAUSE =
      ConfigKey.duration(
          "plenum.writer.remote.pause", "50ms", "Pause between two tries to reach the writer.");
  private static final ConfigKey<Duration> CONNECT =
      ConfigKey.duration(
          "plenum.writer.remote.connect", "1s", "Time to connect to the writer of another node.");

  /** Every key. */
  public static final List<ConfigKey<?>> KEYS =
      List.of(QUEUE, BATCH, BATCH_BYTES, LOOK, LOOK_LIMIT, PAUSE, CONNECT);

  /** The values in force. */
  public static RouterConfig from(Config config) {
    return new RouterConfig(
        QUEUE.from(config),
        BATCH.from(config),
        BATCH_BYTES.from(config),
        LOOK.from(config),
        LOOK_LIMIT.from(config),
        PAUSE.from(config),
        CONNECT.from(config));
  }
}
