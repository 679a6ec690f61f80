package org.plenum.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A Payara domain of its own with Plenum in it, a copy of the one that {@link DomainTemplate} makes
 * the way an administrator does. All listeners are on loopback, on free ports. Can be killed and
 * started again. Stopped by {@link #close} and, whatever happens, by a shutdown hook. Not
 * thread-safe.
 */
public final class PlenumServer implements AutoCloseable {
  /** Password of the user {@code admin} of every such domain. */
  public static final String ADMIN_PASSWORD = "system-tests";

  /**
   * JVM options for a server that lives for minutes: without the optimising compiler and with the
   * simplest collector a start takes half of the processor time. {@code -Dplenum.test.jvm=}
   * (options, separated by spaces) gives others; empty, the server runs as in production.
   */
  public static final List<String> SHORT_LIVED =
      Stream.of(
              System.getProperty("plenum.test.jvm", "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC")
                  .split(" ", -1))
          .filter(option -> !option.isEmpty())
          .toList();

  private static final Duration READY_LIMIT = Duration.ofMinutes(3);
  private static final HttpClient HTTP =
      HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(2)).build();

  private final Options options;
  private final Asadmin asadmin;
  private final Path domain;
  private final DomainProcess process;
  private final int base;
  private final Thread hook;

  private PlenumServer(Options options, Path domains, int base) {
    this.options = options;
    this.asadmin = new Asadmin(options.payara(), options.project(), domains);
    this.domain = asadmin.domain();
    this.process = DomainProcess.of(domain);
    this.base = base;
    this.hook = new Thread(process::kill, "stop-plenum");
  }

  /**
   * What a server is made of.
   *
   * @param payara an unpacked Payara
   * @param project the root of the source tree, for {@code domain-config}
   * @param ear the application
   * @param work where the domain goes
   * @param databaseUrl {@code jdbc:postgresql://host:port/name}, or null for H2 in the domain
   * @param heap of the server, such as {@code 1g}
   * @param config configuration keys and values; {@code @BASE+80@} in a value is a port of the
   *     server
   * @param jvmOptions further options of the server's JVM
   */
  public record Options(
      Path payara,
      Path project,
      Path ear,
      Path work,
      @Nullable String databaseUrl,
      String heap,
      Map<String, String> config,
      List<String> jvmOptions) {
    public Options {
      config = Map.copyOf(config);
      jvmOptions = List.copyOf(jvmOptions);
    }
  }

  /** Makes the domain from the template, starts it, and returns when the application answers. */
  public static PlenumServer start(Options options) {
    PlenumServer server = create(options);
    server.restart();
    return server;
  }

  /** Makes the domain from the template and leaves it stopped, for {@link #restart} to start. */
  public static PlenumServer create(Options options) {
    try {
      Path domains = Files.createTempDirectory(Files.createDirectories(options.work()), "domain-");
      return make(options, domains.toAbsolutePath(), true);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Makes a domain named {@code plenum}, with destinations but without the application, in the
   * folder where that Payara looks for domains, in place of an earlier one, and leaves it stopped:
   * somebody else starts it and deploys. {@link #close} stops it all the same.
   */
  public static PlenumServer prepare(Options options) {
    try {
      Path domains = options.payara().resolve("glassfish/domains").toAbsolutePath();
      DomainProcess.of(domains.resolve("plenum")).kill();
      Folders.delete(domains.resolve("plenum"));
      return make(options, domains, false);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static PlenumServer make(Options options, Path domains, boolean deployed)
      throws IOException {
    DomainTemplate template = DomainTemplate.of(options);
    PlenumServer server = new PlenumServer(options, domains, DomainTemplate.freeBase());
    server.asadmin.prepare();
    template.copyTo(server.domain, server.base, options, deployed);
    Runtime.getRuntime().addShutdownHook(server.hook);
    return server;
  }

  /** The application's root, without a slash at the end. */
  public URI application() {
    return URI.create("http://127.0.0.1:" + httpPort() + "/plenum");
  }

  /** The HTTP port. */
  public int httpPort() {
    return base + 80;
  }

  /** A port of the server that nothing of the server itself listens on. */
  public int freePort() {
    return base + 90;
  }

  /** The administration port. */
  public int adminPort() {
    return base + 48;
  }

  /** The port of the embedded JMS broker. */
  public int jmsPort() {
    return base + 76;
  }

  /** A client of nobody. */
  public RestClient anonymous() {
    return RestClient.anonymous(application());
  }

  /** The Payara that the domain runs on. */
  public Path payara() {
    return options.payara();
  }

  /** The domain's folder. */
  public Path domain() {
    return domain;
  }

  /** The server's process. */
  public ProcessHandle process() {
    return process
        .running()
        .orElseThrow(() -> new IllegalStateException("the server does not run"));
  }

  /** Kills the server as a power cut would. */
  public void kill() {
    process();
    process.kill();
  }

  /** Starts the domain again and returns when the application answers. */
  public void restart() {
    restart(Map.of());
  }

  /** As {@link #restart()}, with further variables in the environment of the server's process. */
  public void restart(Map<String, String> variables) {
    // One start at a time takes all the processor there is; several at once would all be late.
    MachineLock.STARTS.during(
        options.project(),
        () -> {
          asadmin.startDomain(variables);
          awaitReady();
        });
  }

  /**
   * Sends the JMS traffic of the stopped server to a broker in a process of its own, from its next
   * start on.
   */
  public void useBroker(int port) {
    Path file = domain.resolve("config/domain.xml");
    try {
      String embedded = Files.readString(file);
      String remote =
          embedded
              .replaceFirst("(<jms-service [^>]*)type=\"EMBEDDED\"", "$1type=\"REMOTE\"")
              .replaceFirst("(<jms-host [^>]*)port=\"[^\"]*\"", "$1port=\"" + port + "\"");
      if (!remote.contains("type=\"REMOTE\"") || !remote.contains("port=\"" + port + "\"")) {
        throw new IllegalStateException("no embedded broker in " + file);
      }
      Files.writeString(file, remote);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Stops the domain in order. */
  public void stop() {
    asadmin.stopDomain();
  }

  @Override
  public void close() {
    Runtime.getRuntime().removeShutdownHook(hook);
    process.kill();
  }

  /**
   * Applies {@code domain-config}, with another database, to the server, which runs or is stopped
   * before and after.
   *
   * @param url of PostgreSQL, or null for H2 in the domain
   */
  public void useDatabase(@Nullable String url) {
    List<String> settings = DomainTemplate.settings(base, options.heap(), url);
    if (process.running().isPresent()) {
      asadmin.apply(adminPort(), settings);
    } else {
      asadmin.startDomain(Map.of());
      asadmin.apply(adminPort(), settings);
      stop();
    }
  }

  private void awaitReady() {
    long end = System.nanoTime() + READY_LIMIT.toNanos();
    while (System.nanoTime() < end) {
      if (status("/plenum/api/v1/about") == 200 && status("/health/ready") == 200) {
        return;
      }
      if (process.running().isEmpty()) {
        throw new IllegalStateException("the server ended: " + serverLog());
      }
      LockSupport.parkNanos(Duration.ofMillis(100).toNanos());
    }
    throw new IllegalStateException("the application does not answer: " + serverLog());
  }

  private String serverLog() {
    return ExternalProcess.tail(domain.resolve("logs/server.log"));
  }

  /** The status of a GET, 0 when there was no answer. */
  public int status(String path) {
    return get(path).map(HttpResponse::statusCode).orElse(0);
  }

  /** The body of a GET, empty when there was no answer. */
  public String text(String path) {
    return get(path).map(HttpResponse::body).orElse("");
  }

  private Optional<HttpResponse<String>> get(String path) {
    try {
      return Optional.of(
          HTTP.send(
              HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + httpPort() + path))
                  .timeout(Duration.ofSeconds(10))
                  .build(),
              BodyHandlers.ofString()));
    } catch (IOException e) {
      return Optional.empty();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
  }

  /** Runs an asadmin command against the running domain. */
  public void asadminRemote(String... arguments) {
    List<String> command = new ArrayList<>(List.of("--port", Integer.toString(adminPort())));
    command.addAll(List.of(arguments));
    asadmin.run(command.toArray(String[]::new));
  }
}
