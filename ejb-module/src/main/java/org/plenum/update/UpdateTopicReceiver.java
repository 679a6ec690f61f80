package org.plenum.update;

import java.util.List;
import java.util.UUID;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.plenum.platform.ServiceException;
import org.plenum.platform.metrics.Meters;

/**
 * Takes batches from the topic into the node's stream: drops what this process sent itself and
 * refuses damaged ones, whose updates the stream then reads from the log. Thread-safe; never blocks
 * and never throws for bad input, since a redelivery would not mend it.
 */
final class UpdateTopicReceiver {
  /** This process on the topic; another one after each start, so that no two ever share it. */
  static final String NODE = UUID.randomUUID().toString();

  private static final Logger LOG = Logger.getLogger(UpdateTopicReceiver.class.getName());

  private final String node;
  private final UpdateInbox inbox;
  private final Meters.Counter received;
  private final Meters.Counter refused;

  UpdateTopicReceiver(String node, UpdateInbox inbox, Meters meters) {
    this.node = node;
    this.inbox = inbox;
    this.received =
        meters.counter("update_topic_messages_received", "Batches of other nodes from the topic");
    this.refused =
        meters.counter("update_topic_refused", "Messages on the update topic that are not ours");
  }

  /** Whether a batch of that sender is another process's. */
  boolean wants(String sender) {
    return !node.equals(sender);
  }

  /** Offers the batch to the stream, or counts it as refused. */
  void receive(byte[] batch) {
    try {
      inbox.offer(UpdateBatchCodec.decode(batch));
      received.increment();
    } catch (ServiceException e) {
      refused.increment();
      LOG.log(Level.WARNING, "a message on the update topic was refused", e);
    }
  }

  /** The signals of a message; none when it is not ours. */
  List<Signal> signals(byte[] batch) {
    try {
      return SignalCodec.decode(batch);
    } catch (ServiceException e) {
      refused.increment();
      LOG.log(Level.WARNING, "signals on the update topic were refused", e);
      return List.of();
    }
  }
}
