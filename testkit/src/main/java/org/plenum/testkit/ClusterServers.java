package org.plenum.testkit;

import jakarta.jms.ConnectionFactory;
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
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.postgresql.Driver;

/**
 * A whole cluster on this machine, made with {@code ./plenum cluster up}: a deployment group, a
 * broker, PostgreSQL with a replica, HAProxy. Each process can be killed, paused and started again.
 * Stopped by {@link #close} and, whatever happens, by a shutdown hook. Not thread-safe.
 */
public final class ClusterServers implements AutoCloseable {
  private static final Duration UP = Duration.ofMinutes(8);
  private static final Duration DOWN = Duration.ofMinutes(2);
  private static final HttpClient HTTP =
      HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(2)).build();

  private final Path payara;
  private final Path project;
  private final Path home;
  private final int base;
  private final List<String> arguments;
  private final int nodes;
  private volatile boolean cut;
  private final Thread hook = new Thread(this::killAll, "stop-cluster");

  private ClusterServers(
      Path payara, Path project, Path home, int base, int nodes, List<String> arguments) {
    this.payara = payara;
    this.project = project;
    this.home = home;
    this.base = base;
    this.nodes = nodes;
    this.arguments = arguments;
  }

  /**
   * What a cluster is made of.
   *
   * @param nodes how many
   * @param config configuration keys and values
   * @param jvmOptions further options of the nodes' virtual machines
   * @param arguments of {@code ./plenum cluster up}, {@code --heap} and {@code --roles} for example
   */
  public record Options(
      int nodes, Map<String, String> config, List<String> jvmOptions, List<String> arguments) {
    /** Small nodes that live for minutes. */
    public static Options shortLived(int nodes, Map<String, String> config, String... arguments) {
      return new Options(
          nodes,
          config,
          PlenumServer.SHORT_LIVED,
          Stream.concat(Stream.of("--heap", "512m"), Stream.of(arguments)).toList());
    }
  }

  /**
   * Starts a new cluster and returns when all of it serves.
   *
   * @param payara an unpacked Payara
   * @param project the root of the source tree, with a built application
   * @param work where everything goes
   */
  public static ClusterServers start(Path payara, Path project, Path work, Options wanted) {
    try {
      Path home = Files.createTempDirectory(Files.createDirectories(work), "cluster-");
      provide(home, payara, project, work);
      Path options = home.resolve("options");
      Files.write(
          options,
          Stream.concat(
                  wanted.config().entrySet().stream()
                      .map(e -> "-D" + e.getKey() + "=" + e.getValue()),
                  wanted.jvmOptions().stream())
              .toList());
      int base = FreePorts.base(offsets(wanted.nodes()));
      ClusterServers cluster =
          new ClusterServers(
              payara,
              project,
              home,
              base,
              wanted.nodes(),
              Stream.concat(
                      Stream.of(
                          "--nodes",
                          Integer.toString(wanted.nodes()),
                          "--options",
                          options.toString()),
                      wanted.arguments().stream())
                  .toList());
      Runtime.getRuntime().addShutdownHook(cluster.hook);
      cluster.up();
      return cluster;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static int[] offsets(int nodes) {
    int[] instance = {9, 37, 38, 39, 48, 49, 66, 80, 81, 86, 90};
    return IntStream.concat(
            IntStream.of(32, 33, 48, 76, 80, 91),
            IntStream.rangeClosed(1, nodes)
                .flatMap(node -> IntStream.of(instance).map(port -> 100 * node + port)))
        .toArray();
  }

  /** What the script would get from Maven is here already. */
  private static void provide(Path home, Path payara, Path project, Path work) throws IOException {
    String pom = Files.readString(project.resolve("pom.xml"));
    Files.createSymbolicLink(
        home.resolve("payara-" + property(pom, "payara.version")), payara.toAbsolutePath());
    Path driver;
    try {
      driver = Path.of(Driver.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
    Files.copy(driver, home.resolve("postgresql-" + property(pom, "postgresql.version") + ".jar"));
    Files.createSymbolicLink(
        home.resolve("postgresql-18"), PostgresServer.unpacked(work.toAbsolutePath()));
    for (String folder : List.of("bin", "glassfish/bin", "mq/bin")) {
      try (Stream<Path> files = Files.list(payara.resolve(folder))) {
        for (Path file : files.filter(Files::isRegularFile).toList()) {
          if (!file.toFile().setExecutable(true)) {
            throw new IOException(file + " cannot be made executable");
          }
        }
      }
    }
  }

  private static String property(String pom, String name) {
    int from = pom.indexOf("<" + name + ">") + name.length() + 2;
    return pom.substring(from, pom.indexOf("</" + name + ">"));
  }

  /** Starts what does not run and waits until all serves. */
  public void up() {
    up(Map.of());
  }

  /**
   * As {@link #up()}, with another mode of the replica from now on.
   *
   * @param mode sync or async
   */
  public void replicaMode(String mode) {
    List<String> changed = new ArrayList<>(arguments);
    changed.addAll(List.of("--replica", mode));
    run("up", changed, UP);
  }

  /** As {@link #up()}; what is started has these environment variables too. */
  public void up(Map<String, String> variables) {
    Map<String, String> environment = new HashMap<>(environment());
    environment.putAll(variables);
    ExternalProcess.run(command("up", arguments), environment, home.resolve("up.log"), UP);
  }

  /** The primary is lost for good: fences it and promotes the replica. */
  public void promote() {
    run("promote", List.of(), DOWN);
  }

  /** The archive that {@link #up} deploys. */
  public Path application() {
    return project.resolve("ear/target/plenum.ear");
  }

  /**
   * Gives one node after the other another version.
   *
   * @param version its archive
   * @param options of the script
   * @throws IllegalStateException when it stopped at a node; carries what the script said
   */
  public void upgrade(Path version, String... options) {
    List<String> further = new ArrayList<>(List.of(options));
    further.add(version.toAbsolutePath().toString());
    run("upgrade", further, UP);
  }

  /** Gives one node after the other the version before. */
  public void upgradeBack() {
    run("upgrade", List.of("--back"), UP);
  }

  /**
   * Makes a backup of the whole cluster while it runs.
   *
   * @param folder of backups; made when it is not there
   * @return the folder of the backup
   * @throws IllegalStateException when there is none; carries what the script said
   */
  public Path backup(Path folder) {
    run("backup", List.of(folder.toString()), DOWN);
    try (Stream<Path> all = Files.list(folder)) {
      return all.filter(each -> !each.getFileName().toString().startsWith("."))
          .max(Comparator.naturalOrder())
          .orElseThrow();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Puts a backup in the place of what is there, while no node runs.
   *
   * @throws IllegalStateException when it is refused; carries what the script said
   */
  public void restore(Path backup) {
    run("restore", List.of(backup.toString()), DOWN);
  }

  /** What {@code ./plenum cluster status} prints. */
  public String status() {
    Path log = home.resolve("status.log");
    try {
      Files.deleteIfExists(log);
      ExternalProcess.run(command("status", List.of()), environment(), log, DOWN);
      return Files.readString(log);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void run(String what, List<String> further, Duration limit) {
    ExternalProcess.run(command(what, further), environment(), home.resolve(what + ".log"), limit);
  }

  private List<String> command(String what, List<String> further) {
    List<String> command =
        new ArrayList<>(List.of(project.resolve("plenum").toString(), "cluster", what));
    command.addAll(further);
    command.addAll(List.of("--port-base", Integer.toString(base)));
    return command;
  }

  private Map<String, String> environment() {
    return Map.of(
        "PLENUM_HOME", home.toString(), "PLENUM_JAVA_HOME", System.getProperty("java.home"));
  }

  /** The names of the nodes. */
  public List<String> nodes() {
    return IntStream.rangeClosed(1, nodes).mapToObj(node -> "node" + node).toList();
  }

  /** A client of nobody that goes through HAProxy. */
  public RestClient anonymous() {
    return RestClient.anonymous(URI.create("http://127.0.0.1:" + (base + 80) + "/plenum"));
  }

  /** HAProxy's port for clients. */
  public int httpPort() {
    return base + 80;
  }

  /** The page, through HAProxy. */
  public String page() {
    return "http://127.0.0.1:" + (base + 80) + "/plenum/";
  }

  /** A client of nobody that asks one node. */
  public RestClient anonymous(String node) {
    return RestClient.anonymous(URI.create(url(node) + "/plenum"));
  }

  /** Where a node is reached. */
  public String url(String node) {
    return "http://127.0.0.1:" + (base + 100 * Integer.parseInt(node.substring(4)) + 80);
  }

  /** A connection to the primary; the caller closes it. */
  public Connection database() throws SQLException {
    try {
      return DriverManager.getConnection(
          "jdbc:postgresql://127.0.0.1:"
              + (base + 32)
              + ",127.0.0.1:"
              + (base + 33)
              + "/plenum?targetServerType=primary&hostRecheckSeconds=0&connectTimeout=2&socketTimeout=20",
          "plenum",
          Files.readString(folder().resolve("database-password")).strip());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The node that holds the writer's lease. */
  public String leader() {
    String url = text("SELECT url FROM writer_lease WHERE expires_at > CURRENT_TIMESTAMP");
    return nodes().stream()
        .filter(node -> url(node).equals(url))
        .findFirst()
        .orElseThrow(() -> new IllegalStateException("nobody leads: '" + url + "'"));
  }

  /** The node that holds the reader's lease and writes the cache of the room. */
  public String applier() {
    String holder = text("SELECT holder FROM reader_lease WHERE expires_at > CURRENT_TIMESTAMP");
    return nodes().stream()
        .filter(node -> holder.equals(node) || holder.startsWith(node + "/"))
        .findFirst()
        .orElseThrow(() -> new IllegalStateException("nobody applies: '" + holder + "'"));
  }

  private String text(String query) {
    try (Connection connection = database();
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(query)) {
      return row.next() ? row.getString(1) : "";
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  /** A node that does not lead. */
  public String follower() {
    String leader = leader();
    return nodes().stream().filter(node -> !node.equals(leader)).findFirst().orElseThrow();
  }

  /** Whether the node says that it is ready. */
  public boolean ready(String node) {
    return status(
            HttpRequest.newBuilder(URI.create(url(node) + "/health/ready"))
                .timeout(Duration.ofSeconds(5))
                .build())
        == 200;
  }

  /** The status that a node answers to a POST without anything; 0 for no answer. */
  public int postTo(String node, String path) {
    return post(url(node) + path);
  }

  /** The status that HAProxy answers to a POST without anything; 0 for no answer. */
  public int postToHaproxy(String path) {
    return post("http://127.0.0.1:" + (base + 80) + path);
  }

  private static int post(String uri) {
    return status(
        HttpRequest.newBuilder(URI.create(uri))
            .timeout(Duration.ofSeconds(5))
            .POST(HttpRequest.BodyPublishers.noBody())
            .build());
  }

  private static int status(HttpRequest request) {
    try {
      return HTTP.send(request, BodyHandlers.discarding()).statusCode();
    } catch (IOException e) {
      return 0;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return 0;
    }
  }

  /** The metrics of a node in the text format. */
  public String metrics(String node) {
    return text(node, "/metrics");
  }

  /** What a node answers to a GET of this path, whatever the status. */
  public String text(String node, String path) {
    try {
      HttpResponse<String> response =
          HTTP.send(
              HttpRequest.newBuilder(URI.create(url(node) + path))
                  .timeout(Duration.ofSeconds(10))
                  .build(),
              BodyHandlers.ofString());
      return response.body();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  /** How many requests, sockets left out, HAProxy gave to each node so far. */
  public Map<String, Long> requests() {
    try {
      HttpResponse<String> response =
          HTTP.send(
              HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + (base + 91) + "/;csv"))
                  .timeout(Duration.ofSeconds(10))
                  .build(),
              BodyHandlers.ofString());
      Map<String, Long> requests = new HashMap<>();
      for (String line : response.body().split("\n", -1)) {
        String[] cells = line.split(",", -1);
        // # pxname,svname,qcur,qmax,scur,smax,slim,stot: all that this server was given
        if (cells.length > 7 && cells[0].equals("nodes") && cells[1].startsWith("node")) {
          requests.put(cells[1], Long.parseLong(cells[7]));
        }
      }
      return requests;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
  }

  /** The folder of this cluster: nodes, databases, keys, logs. */
  public Path folder() {
    return home.resolve("clusters").resolve(Integer.toString(base));
  }

  /** The folder of a node's server instance. */
  public Path instance(String node) {
    return folder().resolve("nodes/local").resolve(node);
  }

  /** The process of a node. */
  public ProcessHandle node(String node) {
    return process("instanceRoot=" + instance(node) + " ");
  }

  /** The process of the broker. */
  public ProcessHandle broker() {
    return process("imq.varhome=" + folder().resolve("broker"));
  }

  /** The broker's connection factory. */
  public ConnectionFactory connections() {
    return LegacySystem.connections(payara, base + 76);
  }

  /**
   * What the broker's own administration tool answers.
   *
   * @param arguments a command of {@code imqcmd}, such as {@code list dst}
   */
  public String imqcmd(String... arguments) {
    Path password = home.resolve("imqcmd-password");
    Path log = home.resolve("imqcmd.log");
    try {
      Files.writeString(password, "imq.imqcmd.password=admin\n");
      Files.deleteIfExists(log);
      List<String> command =
          new ArrayList<>(
              List.of(
                  payara.resolve("mq/bin/imqcmd").toAbsolutePath().toString(),
                  "-javahome",
                  System.getProperty("java.home"),
                  "-b",
                  "127.0.0.1:" + (base + 76),
                  "-u",
                  "admin",
                  "-passfile",
                  password.toString(),
                  "-f"));
      command.addAll(List.of(arguments));
      ExternalProcess.run(command, Map.of(), log, DOWN);
      return Files.readString(log);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The process of HAProxy. */
  public ProcessHandle haproxy() {
    return process(folder().resolve("haproxy.cfg").toString());
  }

  /** The postmaster of the primary. */
  public ProcessHandle primary() {
    return postmaster(primaryFolder());
  }

  /** The postmaster of the replica. */
  public ProcessHandle replica() {
    return postmaster(primaryFolder().equals("primary") ? "replica" : "primary");
  }

  private String primaryFolder() {
    Path name = folder().resolve("database-primary");
    try {
      return Files.exists(name) ? Files.readString(name).strip() : "primary";
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private ProcessHandle postmaster(String which) {
    try {
      return ProcessHandle.of(
              Long.parseLong(
                  Files.readAllLines(folder().resolve(which).resolve("postmaster.pid"))
                      .getFirst()
                      .strip()))
          .orElseThrow();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Whether this machine lets us drop packets: nft, and the right to use it. */
  public boolean canCut() {
    try {
      nft("list", "tables");
      return true;
    } catch (IllegalStateException | UncheckedIOException e) {
      return false;
    }
  }

  /**
   * Cuts a node off from both databases, as a broken network does: every packet between them is
   * dropped without a word, in both directions, until {@link #heal}.
   */
  public void cutFromDatabase(String node) {
    String from = "127.0.1." + node.substring(4);
    String ports = "{ " + (base + 32) + ", " + (base + 33) + " }";
    nft("add", "table", "inet", table());
    cut = true;
    nft("add chain inet " + table() + " cut { type filter hook output priority 0; }");
    nft("add rule inet " + table() + " cut ip saddr " + from + " tcp dport " + ports + " drop");
    nft("add rule inet " + table() + " cut ip daddr " + from + " tcp sport " + ports + " drop");
  }

  /** Lets all packets through again. */
  public void heal() {
    if (cut) {
      nft("delete", "table", "inet", table());
      cut = false;
    }
  }

  private String table() {
    return "plenum_cluster_" + base;
  }

  private void nft(String... arguments) {
    List<String> command = new ArrayList<>(List.of("nft"));
    command.addAll(List.of(arguments));
    ExternalProcess.run(command, Map.of(), home.resolve("nft.log"), Duration.ofSeconds(10));
  }

  private ProcessHandle process(String mark) {
    return find(mark)
        .findFirst()
        .orElseThrow(() -> new IllegalStateException("no process with " + mark));
  }

  private static Stream<ProcessHandle> find(String mark) {
    return ProcessHandle.allProcesses()
        .filter(
            process ->
                commandLine(process)
                    .filter(line -> !line.startsWith("/bin/sh") && !line.startsWith("sh "))
                    .map(line -> (line + " ").contains(mark))
                    .orElse(false));
  }

  private static Optional<String> commandLine(ProcessHandle process) {
    try {
      return Optional.of(
          new String(
                  Files.readAllBytes(Path.of("/proc/" + process.pid() + "/cmdline")),
                  java.nio.charset.StandardCharsets.UTF_8)
              .replace('\0', ' '));
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  /** Kills a process as a power cut would; its children too. */
  public static void kill(ProcessHandle process) {
    List<ProcessHandle> children = process.descendants().toList();
    process.destroyForcibly();
    children.forEach(ProcessHandle::destroyForcibly);
    process.onExit().join();
  }

  /** Stops a process in its tracks, or lets it go on: {@code STOP}, {@code CONT}. */
  public void signal(String name, ProcessHandle process) {
    ExternalProcess.run(
        List.of("kill", "-" + name, Long.toString(process.pid())),
        Map.of(),
        home.resolve("signals.log"),
        Duration.ofSeconds(10));
  }

  @Override
  public void close() {
    Runtime.getRuntime().removeShutdownHook(hook);
    killAll();
  }

  private void killAll() {
    try {
      heal();
    } finally {
      killProcesses();
    }
  }

  private void killProcesses() {
    // Everything of this cluster has its folder on the command line, or is a child of what has.
    String mark = home.toString();
    List<ProcessHandle> ours =
        find(mark).filter(each -> each.pid() != ProcessHandle.current().pid()).toList();
    ours.forEach(each -> each.descendants().forEach(ProcessHandle::destroyForcibly));
    ours.forEach(ProcessHandle::destroyForcibly);
  }
}
