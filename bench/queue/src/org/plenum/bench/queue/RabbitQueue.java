package org.plenum.bench.queue;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import com.rabbitmq.client.DefaultConsumer;
import com.rabbitmq.client.Envelope;
import com.rabbitmq.client.MessageProperties;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.plenum.testkit.FreePorts;

/**
 * RabbitMQ of the machine's package, started for this run under a node name, ports and folders of
 * its own on loopback: a quorum queue, publisher confirms, acknowledged in steps of 64.
 */
final class RabbitQueue implements DurableQueue {
  private static final String NAME = "bench";
  private static final Path PROGRAM = Path.of("/usr/lib/rabbitmq/bin/rabbitmq-server");
  private static final int ACK_STEP = 64;
  private static final long START_SECONDS = 60;

  private final Process epmd;
  private final Process server;
  private final Connection connection;
  private final Channel sending;
  private final NavigableMap<Long, Runnable> waiting = new ConcurrentSkipListMap<>();
  private final Thread hook = new Thread(this::kill, "stop-rabbitmq");

  RabbitQueue(Path folder) throws Exception {
    int port = FreePorts.one();
    int nodes = FreePorts.one();
    int names = FreePorts.one();
    Files.createDirectories(folder);
    Path config = folder.resolve("rabbitmq.conf");
    Files.writeString(config, "listeners.tcp.1 = 127.0.0.1:%d%n".formatted(port));
    Files.writeString(folder.resolve("enabled_plugins"), "[].\n");
    epmd =
        new ProcessBuilder("epmd", "-port", Integer.toString(names), "-address", "127.0.0.1")
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("epmd.log").toFile())
            .start();
    Runtime.getRuntime().addShutdownHook(hook);
    ProcessBuilder builder =
        new ProcessBuilder(PROGRAM.toString())
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("server.log").toFile());
    builder
        .environment()
        .putAll(
            Map.ofEntries(
                Map.entry("HOME", folder.toString()),
                Map.entry("RABBITMQ_NODENAME", "plenum-bench-" + port + "@localhost"),
                Map.entry("RABBITMQ_CONFIG_FILE", config.toString()),
                Map.entry("RABBITMQ_CONF_ENV_FILE", folder.resolve("none").toString()),
                Map.entry("RABBITMQ_ENABLED_PLUGINS_FILE", folder + "/enabled_plugins"),
                Map.entry("RABBITMQ_MNESIA_BASE", folder.resolve("data").toString()),
                Map.entry("RABBITMQ_LOG_BASE", folder.resolve("log").toString()),
                Map.entry("RABBITMQ_DIST_PORT", Integer.toString(nodes)),
                Map.entry("ERL_EPMD_PORT", Integer.toString(names)),
                Map.entry("ERL_EPMD_ADDRESS", "127.0.0.1"),
                Map.entry(
                    "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS",
                    "-kernel inet_dist_use_interface {127,0,0,1}")));
    server = builder.start();
    connection = connect(port);
    sending = connection.createChannel();
    sending.queueDeclare(NAME, true, false, false, Map.of("x-queue-type", "quorum"));
    sending.confirmSelect();
    sending.addConfirmListener(this::confirmed, this::refused);
  }

  static boolean isPossible() {
    return Files.isExecutable(PROGRAM);
  }

  private Connection connect(int port) throws InterruptedException, TimeoutException {
    ConnectionFactory factory = new ConnectionFactory();
    factory.setHost("127.0.0.1");
    factory.setPort(port);
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(START_SECONDS);
    while (System.nanoTime() < deadline && server.isAlive()) {
      try {
        return factory.newConnection();
      } catch (IOException e) {
        Thread.sleep(Duration.ofMillis(500)); // it is still starting
      }
    }
    kill();
    throw new TimeoutException("RabbitMQ did not start; see its log");
  }

  private void confirmed(long tag, boolean multiple) {
    if (multiple) {
      NavigableMap<Long, Runnable> done = waiting.headMap(tag, true);
      done.values().forEach(Runnable::run);
      done.clear();
    } else {
      Runnable one = waiting.remove(tag);
      if (one != null) {
        one.run();
      }
    }
  }

  private void refused(long tag, boolean multiple) {
    throw new IllegalStateException("RabbitMQ refused " + tag + (multiple ? " and before" : ""));
  }

  @Override
  public void send(byte[] body, Runnable acknowledged) throws IOException {
    waiting.put(sending.getNextPublishSeqNo(), acknowledged);
    sending.basicPublish("", NAME, MessageProperties.PERSISTENT_BASIC, body);
  }

  @Override
  public void consume(Consumer<byte[]> consumer) throws IOException {
    Channel receiving = connection.createChannel();
    receiving.basicQos(1_000);
    receiving.basicConsume(
        NAME,
        false,
        new DefaultConsumer(receiving) {
          private long delivered;

          @Override
          public void handleDelivery(
              String tag, Envelope envelope, AMQP.BasicProperties properties, byte[] body)
              throws IOException {
            consumer.accept(body);
            if (++delivered % ACK_STEP == 0) {
              receiving.basicAck(envelope.getDeliveryTag(), true);
            }
          }
        });
  }

  private void kill() {
    for (Process process : List.of(server, epmd)) {
      List<ProcessHandle> all =
          Stream.concat(process.descendants(), Stream.of(process.toHandle())).toList();
      all.forEach(ProcessHandle::destroyForcibly);
      all.forEach(each -> each.onExit().join());
    }
  }

  @Override
  public void close() {
    Runtime.getRuntime().removeShutdownHook(hook);
    try {
      connection.abort(1_000);
    } finally {
      kill();
    }
  }
}
