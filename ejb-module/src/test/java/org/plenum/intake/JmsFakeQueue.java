package org.plenum.intake;

import jakarta.jms.Destination;
import jakarta.jms.JMSConsumer;
import jakarta.jms.JMSContext;
import jakarta.jms.JMSProducer;
import jakarta.jms.Message;
import jakarta.jms.Queue;
import jakarta.jms.TextMessage;
import java.lang.reflect.Proxy;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A queue in memory and the answers sent by its consumer: as much of JMS as a batch uses, and an
 * exception for anything else.
 */
final class JmsFakeQueue {
  /** An answer as its producer gets it. */
  record Answer(Destination to, @Nullable String correlation, String text, long timeToLive) {}

  final Deque<Message> waiting = new ArrayDeque<>();
  final List<Answer> answers = new ArrayList<>();
  final Queue queue = of(Queue.class, (method, arguments) -> "a queue");
  final JMSContext context = of(JMSContext.class, this::context);

  /** Why an answer cannot be sent, or null. */
  @Nullable RuntimeException unsendable;

  int openConsumers;

  private interface Calls {
    @Nullable Object on(String method, Object[] arguments);
  }

  private static <T> T of(Class<T> type, Calls calls) {
    return type.cast(
        Proxy.newProxyInstance(
            JmsFakeQueue.class.getClassLoader(),
            new Class<?>[] {type},
            (proxy, method, arguments) ->
                switch (method.getName()) {
                  case "equals" -> proxy == arguments[0];
                  case "hashCode" -> System.identityHashCode(proxy);
                  default ->
                      calls.on(method.getName(), arguments == null ? new Object[0] : arguments);
                }));
  }

  /** A text from a producer. */
  void add(String id, String text, int deliveries, @Nullable Destination replyTo) {
    Map<String, @Nullable Object> known = new HashMap<>();
    known.put("getJMSMessageID", id);
    known.put("getJMSCorrelationID", null);
    known.put("getJMSReplyTo", replyTo);
    known.put("getText", text);
    known.put("getIntProperty", deliveries);
    waiting.add(message(known));
  }

  private static TextMessage message(Map<String, @Nullable Object> known) {
    return of(
        TextMessage.class,
        (method, arguments) -> {
          if (method.equals("setJMSCorrelationID")) {
            known.put("getJMSCorrelationID", arguments[0]);
            return null;
          }
          if (!known.containsKey(method)) {
            throw new UnsupportedOperationException(method);
          }
          return known.get(method);
        });
  }

  private @Nullable Object context(String method, Object[] arguments) {
    return switch (method) {
      case "createConsumer" -> {
        openConsumers++;
        yield of(JMSConsumer.class, this::consumer);
      }
      case "createTextMessage" -> {
        Map<String, @Nullable Object> known = new HashMap<>();
        known.put("getText", arguments[0]);
        known.put("getJMSCorrelationID", null);
        yield message(known);
      }
      case "createProducer" -> producer();
      default -> throw new UnsupportedOperationException(method);
    };
  }

  private @Nullable Object consumer(String method, Object[] arguments) {
    return switch (method) {
      case "receive", "receiveNoWait" -> waiting.poll();
      case "close" -> {
        openConsumers--;
        yield null;
      }
      default -> throw new UnsupportedOperationException(method);
    };
  }

  private JMSProducer producer() {
    long[] timeToLive = {0};
    JMSProducer[] self = new JMSProducer[1];
    self[0] =
        of(
            JMSProducer.class,
            (method, arguments) -> {
              switch (method) {
                case "setTimeToLive" -> timeToLive[0] = (long) arguments[0];
                case "send" ->
                    send((Destination) arguments[0], (TextMessage) arguments[1], timeToLive[0]);
                default -> throw new UnsupportedOperationException(method);
              }
              return self[0];
            });
    return self[0];
  }

  private void send(Destination to, TextMessage message, long timeToLive) {
    if (unsendable != null) {
      throw unsendable;
    }
    try {
      answers.add(new Answer(to, message.getJMSCorrelationID(), message.getText(), timeToLive));
    } catch (jakarta.jms.JMSException e) {
      throw new AssertionError(e);
    }
  }
}
