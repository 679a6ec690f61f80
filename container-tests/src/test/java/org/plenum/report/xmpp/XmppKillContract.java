package org.plenum.report.xmpp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.plenum.container.SharedPostgres;
import org.plenum.testkit.XmppSender;
import org.plenum.testkit.XmppServer;

/**
 * kill -9 of the reader and of the XMPP server while clients report: none missing, none doubled
 * (RPT-4). The points of the kills follow from the seed and from how far the reports have come.
 */
@Timeout(180)
abstract class XmppKillContract {
  private static final long SEED = Long.getLong("plenum.seed", 20_261_124);
  private static final List<String> PEOPLE = List.of("ada", "bob", "eve");
  private static final int EACH = 400;
  private static final int KILLS = 6;
  private static final Duration LIMIT = Duration.ofSeconds(60);

  private final Random random = new Random(SEED);
  private XmppServer server;
  private Path folder;
  private String url;
  private Process reader;

  /** Whether this machine has such a server. */
  abstract boolean isInstalled();

  /** A server that is started. */
  abstract XmppServer server(Path work);

  @BeforeEach
  void startAll() throws IOException, SQLException {
    assumeThat(isInstalled()).as("installed on this machine").isTrue();
    Path work = Files.createDirectories(Path.of(System.getProperty("plenum.work")));
    server = server(work);
    folder = Files.createTempDirectory(work, "xmpp-reader-");
    String schema = "x" + Long.toHexString(System.nanoTime());
    try (Connection connection = DriverManager.getConnection(SharedPostgres.url());
        Statement statement = connection.createStatement()) {
      statement.execute("CREATE SCHEMA " + schema);
    }
    url = SharedPostgres.url() + "&currentSchema=" + schema;
    XmppReaderProcess.schema(url);
    XmppSender.register(server, "reports", "secret");
    for (String person : PEOPLE) {
      XmppSender.register(server, person, "pw");
    }
    reader = XmppReaderProcess.start(server, folder, url);
    System.out.println("seed " + SEED + ", reader in " + folder);
  }

  @AfterEach
  void stopAll() throws InterruptedException {
    if (reader != null) {
      killReader();
    }
    if (server != null) {
      server.close();
    }
  }

  /** Keys are ids of the archive; what the server acknowledged counts. */
  @Test
  void whatTheServerTookIsTakenOnceAndInOrderWhileTheReaderIsKilled() throws Exception {
    try (ExecutorService pool = Executors.newFixedThreadPool(PEOPLE.size())) {
      List<Future<?>> senders = new ArrayList<>();
      for (String person : PEOPLE) {
        senders.add(pool.submit(() -> sendAcknowledged(person)));
      }
      for (int kill = 1; kill <= KILLS; kill++) {
        awaitEffects(kill * total() / (KILLS + 2) + random.nextInt(40));
        killReader();
        reader = XmppReaderProcess.start(server, folder, url);
      }
      for (Future<?> each : senders) {
        each.get(LIMIT.toSeconds(), TimeUnit.SECONDS);
      }
    }
    awaitEffects(total());
    assertThat(effects()).isEqualTo(expected());
  }

  /** Keys are the clients'; each repeats what has no receipt. */
  @Test
  void whatIsRepeatedUntilItsReceiptIsTakenOnceWhileReaderAndServerAreKilled() throws Exception {
    try (ExecutorService pool = Executors.newFixedThreadPool(PEOPLE.size())) {
      List<Future<?>> senders = new ArrayList<>();
      for (String person : PEOPLE) {
        senders.add(pool.submit(() -> sendUntilReceipt(person)));
      }
      for (int kill = 1; kill <= KILLS; kill++) {
        awaitEffects(kill * total() / (KILLS + 2) + random.nextInt(40));
        int which = random.nextInt(3);
        if (which != 0) {
          server.kill();
        }
        if (which != 1) {
          killReader();
          reader = XmppReaderProcess.start(server, folder, url);
        }
        if (which != 0) {
          server.start();
        }
      }
      for (Future<?> each : senders) {
        each.get(LIMIT.toSeconds(), TimeUnit.SECONDS);
      }
    }
    awaitEffects(total());
    Map<String, List<Integer>> found = effects();
    found.values().forEach(numbers -> numbers.sort(null));
    assertThat(found).isEqualTo(expected());
  }

  private Void sendAcknowledged(String person) throws IOException {
    try (XmppSender sender = XmppSender.connect(server, person, "pw")) {
      for (int n = 0; n < EACH; n++) {
        sender.send("reports", "m" + n, XmppSender.body(json(n, "")));
        if (n % 20 == 19) {
          sender.awaitServer();
        }
      }
      sender.awaitServer();
    }
    return null;
  }

  private Void sendUntilReceipt(String person) throws Exception {
    long end = System.nanoTime() + LIMIT.toNanos() * 2;
    int done = 0;
    while (done < EACH) {
      if (System.nanoTime() - end > 0) {
        throw new IOException(person + " is at " + done);
      }
      try (XmppSender sender = XmppSender.connect(server, person, "pw")) {
        while (done < EACH) {
          int to = Math.min(EACH, done + 10);
          Set<String> ids =
              IntStream.range(done, to).mapToObj(n -> "m" + n).collect(Collectors.toSet());
          for (int n = done; n < to; n++) {
            sender.send(
                "reports",
                "m" + n,
                XmppSender.body(json(n, "\"businessKey\":\"k" + n + "\","))
                    + XmppSender.receiptRequest());
          }
          sender.awaitReceipts(ids);
          assertThat(sender.errors()).isEmpty();
          done = to;
        }
      } catch (IOException e) {
        // The server was killed, or the receipt went with it: again.
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(50));
      }
    }
    return null;
  }

  private static String json(int n, String more) {
    return "{\"kind\":\"test\"," + more + "\"body\":{\"n\":" + n + "}}";
  }

  private static int total() {
    return PEOPLE.size() * EACH;
  }

  private static Map<String, List<Integer>> expected() {
    return PEOPLE.stream()
        .collect(
            Collectors.toMap(
                person -> person,
                person -> IntStream.range(0, EACH).boxed().toList(),
                (one, two) -> one,
                TreeMap::new));
  }

  private void awaitEffects(int count) {
    await()
        .atMost(LIMIT)
        .pollInterval(Duration.ofMillis(20))
        .until(() -> count() >= count || !reader.isAlive());
    assertThat(reader.isAlive()).as("the reader; see %s/reader.log", folder).isTrue();
  }

  private int count() throws SQLException {
    try (Connection connection = DriverManager.getConnection(url);
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("SELECT COUNT(*) FROM effect")) {
      row.next();
      return row.getInt(1);
    }
  }

  /** Numbers of each person in the order in which they took effect. */
  private Map<String, List<Integer>> effects() throws SQLException {
    Map<String, List<Integer>> found = new TreeMap<>();
    try (Connection connection = DriverManager.getConnection(url);
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("SELECT person, body FROM effect ORDER BY no")) {
      while (row.next()) {
        found
            .computeIfAbsent(row.getString(1), person -> new ArrayList<>())
            .add(Integer.parseInt(row.getString(2).replaceAll("\\D", "")));
      }
    }
    return found;
  }

  private void killReader() throws InterruptedException {
    reader.destroyForcibly().waitFor();
  }
}
