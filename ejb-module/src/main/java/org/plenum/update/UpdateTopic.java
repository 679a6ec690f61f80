package org.plenum.update;

/**
 * The way to the other nodes: a topic that may lose, double and reorder (decision 1). Used by one
 * thread at a time.
 */
@FunctionalInterface
public interface UpdateTopic {
  /**
   * Sends a batch to every node. May block for the time-out of the transport.
   *
   * @param node this process; receivers drop what they sent themselves
   * @param batch as of {@link UpdateBatchCodec}
   * @throws RuntimeException when the transport is away; the batch may or may not have been sent
   */
  void send(String node, byte[] batch);

  /** Gives back what sending keeps open; called by the sending thread when it ends. */
  default void release() {}
}
