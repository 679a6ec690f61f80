package org.plenum.testkit;

import jakarta.jms.ConnectionFactory;
import jakarta.jms.JMSContext;
import jakarta.jms.JMSRuntimeException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * An OpenMQ broker in a process of its own, as an administrator runs one for several servers, with
 * the settings and destinations of {@code domain-config}. Listens on loopback, on a free port. Can
 * be killed and started again; what it acknowledged survives. Not thread-safe.
 */
public final class BrokerServer implements AutoCloseable {
  private static final Duration COMMAND_LIMIT = Duration.ofMinutes(2);
  private static final String INSTANCE = "plenum";

  private final Path payara;
  private final Path project;
  private final Path home;
  private final int port;
  private final Thread hook = new Thread(this::kill, "stop-broker");
  private @Nullable Process process;

  private BrokerServer(Path payara, Path project, Path home, int port) {
    this.payara = payara;
    this.project = project;
    this.home = home;
    this.port = port;
  }

  /**
   * Starts a new broker and makes Plenum's destinations.
   *
   * @param payara an unpacked Payara, whose {@code mq} is used
   * @param project the root of the source tree, for {@code domain-config}
   * @param work where the broker's store goes
   */
  public static BrokerServer start(Path payara, Path project, Path work) {
    try {
      Path home = Files.createTempDirectory(Files.createDirectories(work), "broker-");
      BrokerServer broker = new BrokerServer(payara, project, home, FreePorts.one());
      Runtime.getRuntime().addShutdownHook(broker.hook);
      broker.configure();
      broker.launch();
      broker.makeDestinations();
      return broker;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The broker's port on loopback. */
  public int port() {
    return port;
  }

  /** Its connection factory. */
  public ConnectionFactory connections() {
    return LegacySystem.connections(payara, port);
  }

  /** Starts the killed broker again, with what it has stored, and returns when it serves. */
  public void start() {
    launch();
    long end = System.nanoTime() + COMMAND_LIMIT.toNanos();
    while (!serves()) {
      if (System.nanoTime() > end) {
        throw new IllegalStateException("the broker does not serve, see " + log());
      }
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(100));
    }
  }

  private boolean serves() {
    try (JMSContext context = connections().createContext("guest", "guest")) {
      return context.getMetaData() != null;
    } catch (JMSRuntimeException e) {
      return false;
    }
  }

  private void launch() {
    try {
      process =
          new ProcessBuilder(
                  mq("bin/imqbrokerd").toString(),
                  "-javahome",
                  System.getProperty("java.home"),
                  "-varhome",
                  home.toString(),
                  "-name",
                  INSTANCE,
                  "-port",
                  Integer.toString(port))
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.appendTo(log().toFile()))
              .start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void makeDestinations() {
    ExternalProcess.run(
        List.of(
            project.resolve("domain-config/destinations").toString(),
            "--imqcmd",
            mq("bin/imqcmd").toString(),
            "--broker",
            "127.0.0.1:" + port,
            "--java-home",
            System.getProperty("java.home")),
        Map.of(),
        log(),
        COMMAND_LIMIT);
  }

  /** Kills the broker as a power cut would. */
  public void kill() {
    Process running = process;
    process = null;
    if (running != null) {
      // The script may have a JVM below it.
      List<ProcessHandle> all =
          Stream.concat(running.descendants(), Stream.of(running.toHandle())).toList();
      all.forEach(ProcessHandle::destroyForcibly);
      all.forEach(each -> each.onExit().join());
    }
  }

  @Override
  public void close() {
    Runtime.getRuntime().removeShutdownHook(hook);
    kill();
  }

  private void configure() throws IOException {
    for (String command : List.of("bin/imqbrokerd", "bin/imqcmd")) {
      if (!mq(command).toFile().setExecutable(true)) {
        throw new IOException(mq(command) + " cannot be made executable");
      }
    }
    Path folder =
        Files.createDirectories(home.resolve("instances").resolve(INSTANCE).resolve("props"));
    String settings = Files.readString(project.resolve("domain-config/broker.properties"));
    Files.writeString(
        folder.resolve("config.properties"), settings.replace("@LISTEN@", "127.0.0.1"));
  }

  private Path mq(String file) {
    return payara.resolve("mq").resolve(file).toAbsolutePath();
  }

  private Path log() {
    return home.resolve("broker.log");
  }
}
