package org.plenum.intake;

import jakarta.jms.Destination;
import jakarta.jms.JMSConsumer;
import jakarta.jms.JMSContext;
import jakarta.jms.JMSException;
import jakarta.jms.JMSRuntimeException;
import jakarta.jms.Message;
import jakarta.jms.Queue;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.plenum.platform.CorrelationId;

/**
 * A queue that is consumed in batches, each in one transaction: received, taken in, answered, and
 * acknowledged by the commit. The transaction is the caller's, and so is the thread: it is one at a
 * time, for the order's sake.
 *
 * @param <O> what became of a message
 */
final class JmsBatch<O> {
  private final JMSContext context;
  private final Queue queue;
  private final Intake<O> intake;
  private final Function<O, String> answer;

  /**
   * Takes messages in.
   *
   * @param <O> what became of a message
   */
  @FunctionalInterface
  interface Intake<O> {
    /**
     * The outcome of each message, in their order, once all may be acknowledged; null when the
     * batch must be delivered again.
     */
    @Nullable List<O> take(List<LegacyMessage> batch);
  }

  /**
   * Batches of a queue.
   *
   * @param answer what a producer that asked for an answer is told
   */
  JmsBatch(JMSContext context, Queue queue, Intake<O> intake, Function<O, String> answer) {
    this.context = context;
    this.queue = queue;
    this.intake = intake;
    this.answer = answer;
  }

  /**
   * Takes what waits, at most so many; waits a second for a first message.
   *
   * @param replyTtl how long an answer is kept for its producer
   * @param giveBack has the transaction rolled back
   * @return false when the batch was given back to the queue
   */
  boolean take(int most, Duration replyTtl, Runnable giveBack) {
    try (JMSConsumer consumer = context.createConsumer(queue)) {
      List<Message> messages = JmsMessages.receive(consumer, most);
      if (messages.isEmpty()) {
        return true;
      }
      List<LegacyMessage> batch = new ArrayList<>(messages.size());
      for (Message message : messages) {
        batch.add(JmsMessages.unwrap(message));
      }
      List<O> outcomes = intake.take(batch);
      if (outcomes == null) {
        giveBack.run();
        return false;
      }
      for (int i = 0; i < messages.size(); i++) {
        answer(messages.get(i), batch.get(i), outcomes.get(i), replyTtl.toMillis());
      }
      return true;
    } catch (JMSException e) {
      throw new JMSRuntimeException(e.getMessage(), e.getErrorCode(), e);
    }
  }

  private void answer(Message message, LegacyMessage read, O outcome, long timeToLive)
      throws JMSException {
    Destination replyTo = message.getJMSReplyTo();
    if (replyTo != null) {
      String correlation = JmsMessages.correlation(message);
      String text = answer.apply(outcome);
      CorrelationId.during(
          CorrelationId.ofMessage(read.messageId()),
          () -> JmsMessages.send(context, replyTo, correlation, text, timeToLive));
    }
  }
}
