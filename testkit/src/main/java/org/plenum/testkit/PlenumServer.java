package org.plenum.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermission;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.postgresql.Driver;

/**
 * A Payara domain of its own with Plenum in it, made the way an administrator makes one: {@code
 * create-domain}, {@code domain-config/apply --prepare}, {@code deploy}. All listeners are on
 * loopback, on free ports. Can be killed and started again. Stopped by {@link #close} and, whatever
 * happens, by a shutdown hook. Not thread-safe.
 */
public final class PlenumServer implements AutoCloseable {
  /** Password of the user {@code admin} of every such domain. */
  public static final String ADMIN_PASSWORD = "system-tests";

  private static final Duration COMMAND_LIMIT = Duration.ofMinutes(4);
  private static final Duration READY_LIMIT = Duration.ofMinutes(3);
  private static final HttpClient HTTP =
      HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(2)).build();

  private final Options options;
  private final Path domains;
  private final Path domain;
  private final Path log;
  private final int base;
  private final Thread hook = new Thread(this::killQuietly, "stop-plenum");

  private PlenumServer(Options options, Path domains, int base) {
    this.options = options;
    this.domains = domains;
    this.domain = domains.resolve("plenum");
    this.log = domains.resolve("commands.log");
    this.base = base;
  }

  /**
   * What a server is made of.
   *
   * @param payara an unpacked Payara
   * @param project the root of the source tree, for {@code domain-config}
   * @param ear the application
   * @param work where the domain goes
   * @param databaseUrl a PostgreSQL URL, or null for H2 in the domain
   * @param heap of the server, such as {@code 1g}
   * @param config configuration keys and values
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

  /** Makes the domain, starts it, deploys, and returns when the application answers. */
  public static PlenumServer start(Options options) {
    try {
      Path domains = Files.createTempDirectory(Files.createDirectories(options.work()), "domain-");
      int base = FreePorts.base(37, 38, 39, 48, 49, 66, 76, 80, 81, 86);
      PlenumServer server = new PlenumServer(options, domains.toAbsolutePath(), base);
      Runtime.getRuntime().addShutdownHook(server.hook);
      server.makeDomain();
      server.startDomain();
      server.makeDestinations();
      server.deploy();
      return server;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Makes a domain named {@code plenum}, with destinations, in the folder where that Payara looks
   * for domains, in place of an earlier one, and leaves it stopped: somebody else starts it and
   * deploys. {@link #close} stops it all the same.
   */
  public static PlenumServer prepare(Options options) {
    try {
      Path domains = options.payara().resolve("glassfish/domains").toAbsolutePath();
      int base = FreePorts.base(37, 38, 39, 48, 49, 66, 76, 80, 81, 86);
      PlenumServer server = new PlenumServer(options, domains, base);
      server.killQuietly();
      delete(server.domain);
      Runtime.getRuntime().addShutdownHook(server.hook);
      server.makeDomain();
      server.startDomain();
      server.makeDestinations();
      server.stop();
      return server;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void delete(Path folder) throws IOException {
    if (Files.exists(folder)) {
      try (Stream<Path> files = Files.walk(folder)) {
        for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(file);
        }
      }
    }
  }

  /** The application's root, without a slash at the end. */
  public URI application() {
    return URI.create("http://127.0.0.1:" + httpPort() + "/plenum");
  }

  /** The HTTP port. */
  public int httpPort() {
    return base + 80;
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
    return running().orElseThrow(() -> new IllegalStateException("the server does not run"));
  }

  /** Kills the server as a power cut would. */
  public void kill() {
    ProcessHandle process = process();
    process.destroyForcibly();
    process.onExit().join();
  }

  /** Starts the domain again and returns when the application answers. */
  public void restart() {
    restart(Map.of());
  }

  /** As {@link #restart()}, with further variables in the environment of the server's process. */
  public void restart(Map<String, String> variables) {
    startDomain(variables);
    awaitReady();
  }

  /** Stops the domain in order. */
  public void stop() {
    asadmin("stop-domain", "--domaindir", domains.toString(), "plenum");
  }

  @Override
  public void close() {
    Runtime.getRuntime().removeShutdownHook(hook);
    killQuietly();
  }

  private void killQuietly() {
    running()
        .ifPresent(
            process -> {
              process.destroyForcibly();
              process.onExit().join();
            });
  }

  private Optional<ProcessHandle> running() {
    Path file = domain.resolve("config/pid");
    try {
      return Files.exists(file)
          ? ProcessHandle.of(Long.parseLong(Files.readString(file).strip()))
              .filter(this::isOurs)
              .filter(ProcessHandle::isAlive)
          : Optional.empty();
    } catch (IOException | NumberFormatException e) {
      return Optional.empty();
    }
  }

  private boolean isOurs(ProcessHandle process) {
    return process
        .info()
        .arguments()
        .map(arguments -> Stream.of(arguments).anyMatch(a -> a.contains(domain.toString())))
        .orElse(true);
  }

  private void makeDomain() throws IOException {
    makeExecutable(options.payara().resolve("bin"));
    makeExecutable(options.payara().resolve("glassfish/bin"));
    makeExecutable(options.payara().resolve("mq/bin"));
    Files.writeString(
        domains.resolve("admin-password"),
        "AS_ADMIN_PASSWORD=" + ADMIN_PASSWORD + "\nAS_ADMIN_MASTERPASSWORD=changeit\n");
    asadmin(
        "create-domain",
        "--domaindir",
        domains.toString(),
        "--portbase",
        Integer.toString(base),
        "--checkports=false",
        "plenum");
    prepareDomainXml();
    Path driver = driverJar();
    Files.copy(
        driver,
        Files.createDirectories(domain.resolve("lib")).resolve("postgresql.jar"),
        StandardCopyOption.REPLACE_EXISTING);
    applyDomainConfig(options.databaseUrl(), "--prepare", firstStart().toString());
  }

  /** What is left to set in the first start. */
  private Path firstStart() {
    return domains.resolve("first-start");
  }

  private void makeDestinations() {
    ExternalProcess.run(
        List.of(
            script("destinations"),
            "--imqcmd",
            options.payara().resolve("mq/bin/imqcmd").toString(),
            "--broker",
            "127.0.0.1:" + jmsPort(),
            "--java-home",
            System.getProperty("java.home")),
        environment(),
        log,
        COMMAND_LIMIT);
  }

  private void deploy() {
    asadminRemote(
        "deploy",
        "--force=true",
        "--name",
        "plenum",
        "--contextroot",
        "/plenum",
        options.ear().toAbsolutePath().toString());
    awaitReady();
  }

  /** Loopback from the first start on, and our configuration as system properties. */
  private void prepareDomainXml() throws IOException {
    Path file = domain.resolve("config/domain.xml");
    StringBuilder ours = new StringBuilder();
    options
        .config()
        .forEach(
            (key, value) ->
                ours.append("<jvm-options>-D%s=%s</jvm-options>\n".formatted(key, escaped(value))));
    options
        .jvmOptions()
        .forEach(
            option -> ours.append("<jvm-options>%s</jvm-options>\n".formatted(escaped(option))));
    String xml =
        Files.readString(file)
            .replace("address=\"0.0.0.0\"", "address=\"127.0.0.1\"")
            .replace(
                "<jvm-options>-server</jvm-options>",
                "<jvm-options>-server</jvm-options>\n" + ours);
    Files.writeString(file, xml);
  }

  private static String escaped(String value) {
    return value.replace("&", "&amp;").replace("<", "&lt;");
  }

  /**
   * Applies {@code domain-config}, with another database, to the server, which runs or is stopped
   * before and after.
   *
   * @param url of PostgreSQL, or null for H2 in the domain
   */
  public void useDatabase(@Nullable String url) {
    if (running().isPresent()) {
      applyDomainConfig(url);
    } else {
      startDomain();
      applyDomainConfig(url);
      stop();
    }
  }

  private void applyDomainConfig(@Nullable String url, String... further) {
    List<String> command =
        new ArrayList<>(
            List.of(
                script("apply"),
                "--asadmin",
                asadmin(),
                "--port",
                Integer.toString(adminPort()),
                "--passwordfile",
                domains.resolve("admin-password").toString(),
                "--domain-dir",
                domain.toString(),
                "--grid-port",
                Integer.toString(base + 49),
                "--grid-name",
                "plenum-" + base,
                "--heap",
                options.heap(),
                "--demo"));
    if (url != null) {
      command.addAll(List.of("--database", url));
    }
    command.addAll(List.of(further));
    ExternalProcess.run(command, environment(), log, COMMAND_LIMIT);
  }

  private String script(String name) {
    return options.project().resolve("domain-config").resolve(name).toAbsolutePath().toString();
  }

  private void startDomain() {
    startDomain(Map.of());
  }

  private void startDomain(Map<String, String> variables) {
    List<String> command =
        new ArrayList<>(
            List.of("start-domain", "--domaindir", domains.toString(), "--timeout", "200"));
    boolean first = Files.exists(firstStart());
    if (first) {
      command.addAll(
          List.of(
              "--prebootcommandfile",
              firstStart().resolve("before.asadmin").toString(),
              "--postbootcommandfile",
              firstStart().resolve("after.asadmin").toString()));
    }
    command.add("plenum");
    asadmin(variables, command.toArray(String[]::new));
    if (first) {
      forgetFirstStart();
    }
  }

  private void forgetFirstStart() {
    try {
      delete(firstStart());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void awaitReady() {
    long end = System.nanoTime() + READY_LIMIT.toNanos();
    while (System.nanoTime() < end) {
      if (status("/plenum/api/v1/about") == 200 && status("/health/ready") == 200) {
        return;
      }
      if (running().isEmpty()) {
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
    asadmin(command.toArray(String[]::new));
  }

  private void asadmin(String... arguments) {
    asadmin(Map.of(), arguments);
  }

  private void asadmin(Map<String, String> variables, String... arguments) {
    Map<String, String> environment = new HashMap<>(environment());
    environment.putAll(variables);
    List<String> command =
        new ArrayList<>(
            List.of(
                asadmin(),
                "--user",
                "admin",
                "--passwordfile",
                domains.resolve("admin-password").toString(),
                "--interactive=false"));
    command.addAll(List.of(arguments));
    ExternalProcess.run(command, environment, log, COMMAND_LIMIT);
  }

  private String asadmin() {
    return options.payara().resolve("glassfish/bin/asadmin").toAbsolutePath().toString();
  }

  private static Map<String, String> environment() {
    String home = System.getProperty("java.home");
    return Map.of("AS_JAVA", home, "JAVA_HOME", home);
  }

  private static Path driverJar() {
    try {
      return Path.of(Driver.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  private static void makeExecutable(Path folder) throws IOException {
    if (!Files.isDirectory(folder)) {
      return;
    }
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        Set<PosixFilePermission> permissions = EnumSet.copyOf(Files.getPosixFilePermissions(file));
        permissions.add(PosixFilePermission.OWNER_EXECUTE);
        Files.setPosixFilePermissions(file, permissions);
      }
    }
  }
}
