package org.plenum.samples;

import jakarta.jms.ConnectionFactory;
import jakarta.jms.JMSConsumer;
import jakarta.jms.JMSContext;
import jakarta.jms.JMSException;
import jakarta.jms.JMSProducer;
import jakarta.jms.JMSRuntimeException;
import jakarta.jms.Message;
import jakarta.jms.Queue;
import jakarta.jms.TemporaryQueue;
import jakarta.jms.TextMessage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;

/**
 * A producer as a legacy system would write it: plain Java and Jakarta Messaging. It sends one
 * command, or a number of posts in transactions of 100, and prints the answer. Run it with {@code
 * jms-resources/send-sample}; a single file, so that {@code java LegacyProducer.java} does as well.
 */
public final class LegacyProducer {
  private static final int PER_TRANSACTION = 100;
  private static final long ANSWER_MILLIS = 30_000;
  private static final String HELP =
      """
      Options:
        --group-key KEY | --group ID   the group (or --file)
        --text TEXT                    the message
        --from NAME                    account name of the author (default ada)
        --business-key KEY             identity of the command (default: a new one)
        --file FILE                    sends this JSON instead, see jms-resources/samples
        --count N                      sends N numbered posts, without waiting for answers
        --type text|object|bytes       type of the message (default text; others are refused)
        --no-answer                    does not wait for an answer
        --url mq://HOST:PORT           broker (default mq://127.0.0.1:8076)
        --queue NAME                   physical queue (default PlenumGroupCommandQueue)
        --user NAME --password PW      credentials at the broker (default guest; or PLENUM_JMS_PASSWORD)
      """;

  private final Map<String, String> options;

  private LegacyProducer(Map<String, String> options) {
    this.options = options;
  }

  /** Sends what the options say; exit status 1 when the command was refused or unanswered. */
  public static void main(String[] arguments) throws Exception {
    Map<String, String> options = new HashMap<>();
    for (int i = 0; i < arguments.length; i++) {
      String name = arguments[i];
      boolean flag = name.equals("--no-answer") || name.equals("--help");
      if (!name.startsWith("--") || (!flag && i + 1 == arguments.length)) {
        System.err.println("send-sample: not understood: " + name + "\n" + HELP);
        System.exit(2);
      }
      options.put(name.substring(2), flag ? "" : arguments[++i]);
    }
    boolean target = options.containsKey("group-key") || options.containsKey("group");
    if (options.containsKey("help") || !(options.containsKey("file") || target)) {
      System.out.print(HELP);
      System.exit(options.containsKey("help") ? 0 : 2);
    }
    try {
      System.exit(new LegacyProducer(options).run());
    } catch (JMSRuntimeException | JMSException e) {
      System.err.println("send-sample: the broker does not take it: " + e.getMessage());
      System.exit(1);
    }
  }

  private int run() throws ReflectiveOperationException, IOException, JMSException {
    String password = System.getenv().getOrDefault("PLENUM_JMS_PASSWORD", "guest");
    String user = option("user", "guest");
    int count = Integer.parseInt(option("count", "0"));
    int mode = count > 0 ? JMSContext.SESSION_TRANSACTED : JMSContext.AUTO_ACKNOWLEDGE;
    ConnectionFactory connections = connections(option("url", "mq://127.0.0.1:8076"));
    try (JMSContext context = connections.createContext(user, option("password", password), mode)) {
      Queue queue = context.createQueue(option("queue", "PlenumGroupCommandQueue"));
      return count > 0 ? sendMany(context, queue, count) : sendOne(context, queue);
    }
  }

  /** The one line that depends on the broker: any other Jakarta Messaging client works the same. */
  private static ConnectionFactory connections(String url) throws ReflectiveOperationException {
    Object factory =
        Class.forName("com.sun.messaging.ConnectionFactory").getDeclaredConstructor().newInstance();
    factory
        .getClass()
        .getMethod("setProperty", String.class, String.class)
        .invoke(factory, "imqAddressList", url);
    return (ConnectionFactory) factory;
  }

  private int sendOne(JMSContext context, Queue queue) throws IOException, JMSException {
    String file = options.get("file");
    String json =
        file == null
            ? post(option("business-key", UUID.randomUUID().toString()), option("text", "Hello"))
            : Files.readString(Path.of(file), StandardCharsets.UTF_8).strip();
    Message message =
        switch (option("type", "text")) {
          case "text" -> context.createTextMessage(json);
          case "object" -> context.createObjectMessage(json);
          case "bytes" -> {
            var bytes = context.createBytesMessage();
            bytes.writeBytes(json.getBytes(StandardCharsets.UTF_8));
            yield bytes;
          }
          default -> throw new IllegalArgumentException("--type is text, object or bytes");
        };
    if (options.containsKey("no-answer")) {
      context.createProducer().send(queue, message);
      System.out.println("sent " + message.getJMSMessageID());
      return 0;
    }
    TemporaryQueue answers = context.createTemporaryQueue();
    try (JMSConsumer consumer = context.createConsumer(answers)) {
      context.createProducer().setJMSReplyTo(answers).send(queue, message);
      System.out.println("sent " + message.getJMSMessageID());
      if (consumer.receive(ANSWER_MILLIS) instanceof TextMessage answer) {
        System.out.println(answer.getText());
        return answer.getText().contains("\"accepted\":true") ? 0 : 1;
      }
      System.err.println("no answer yet; the message is kept and will be taken");
      return 1;
    }
  }

  private int sendMany(JMSContext context, Queue queue, int count) {
    JMSProducer producer = context.createProducer();
    String run = option("business-key", UUID.randomUUID().toString());
    long start = System.nanoTime();
    for (int i = 1; i <= count; i++) {
      producer.send(queue, post(run + "-" + i, option("text", "Message") + " " + i));
      if (i % PER_TRANSACTION == 0 || i == count) {
        context.commit();
      }
    }
    double seconds = (System.nanoTime() - start) / 1e9;
    System.out.printf("sent %d messages in %.2f s%n", count, seconds);
    return 0;
  }

  private String post(String businessKey, String text) {
    String group =
        options.containsKey("group")
            ? "\"group\":" + quote(option("group", ""))
            : "\"groupKey\":" + quote(option("group-key", ""));
    return "{\"version\":1,\"businessKey\":%s,\"command\":\"post\",%s,\"from\":%s,\"text\":%s}"
        .formatted(quote(businessKey), group, quote(option("from", "ada")), quote(text));
  }

  private static String quote(String text) {
    StringBuilder json = new StringBuilder("\"");
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '"' || c == '\\') {
        json.append('\\').append(c);
      } else if (c < ' ') {
        json.append("\\u%04x".formatted((int) c));
      } else {
        json.append(c);
      }
    }
    return json.append('"').toString();
  }

  private String option(String name, String absent) {
    return options.getOrDefault(name, absent);
  }
}
