package org.plenum.report.xmpp;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.plenum.platform.ErrorCode;
import org.plenum.platform.ServiceException;
import org.plenum.report.api.NewReport;
import org.plenum.report.api.ReportAnswer;
import org.plenum.report.api.ReportService;
import org.plenum.report.queue.BufferedQueue;
import org.plenum.report.queue.QueueException;
import org.plenum.report.queue.QueueOptions;
import org.plenum.report.queue.QueuedReport;
import org.plenum.report.queue.Report;
import org.plenum.report.queue.ReportBatch;
import org.plenum.report.queue.ReportConsumer;
import org.plenum.report.queue.journal.FileSystemDisk;
import org.plenum.report.queue.journal.JournalOptions;
import org.plenum.report.queue.journal.JournalStore;
import org.plenum.testkit.XmppServer;

/**
 * The intake in a process of its own that can be killed: the real reader of archives, the real
 * journal, and effects in a table, each with its report's key, the position in the same
 * transaction.
 */
final class XmppReaderProcess {
  private static final String GROUP = "effects";
  private static final Duration WAIT = Duration.ofSeconds(1);

  private XmppReaderProcess() {}

  /** Makes the tables of the effects. */
  static void schema(String url) throws SQLException {
    try (Connection connection = DriverManager.getConnection(url);
        Statement statement = connection.createStatement()) {
      statement.execute(
          "CREATE TABLE effect (no BIGSERIAL, key TEXT PRIMARY KEY, person TEXT, body TEXT);"
              + " CREATE TABLE place (source TEXT PRIMARY KEY, position TEXT)");
    }
  }

  /** Starts it as a child of this JVM. */
  static Process start(XmppServer server, Path folder, String url) throws IOException {
    Files.createDirectories(folder);
    return new ProcessBuilder(
            ProcessHandle.current().info().command().orElse("java"),
            "-Xmx256m",
            "-cp",
            System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
            XmppReaderProcess.class.getName(),
            Integer.toString(server.port()),
            folder.toString(),
            url)
        .redirectErrorStream(true)
        .redirectOutput(ProcessBuilder.Redirect.appendTo(folder.resolve("reader.log").toFile()))
        .start();
  }

  /** Arguments: port of the XMPP server, folder of the journal, URL of the database. */
  public static void main(String[] arguments) throws Exception {
    XmppAccount account =
        XmppAccount.parse(
            "reports@" + XmppServer.DOMAIN + "=127.0.0.1:" + Integer.parseInt(arguments[0]));
    Clock clock = Clock.systemUTC();
    JournalStore journal =
        new JournalStore(
            new FileSystemDisk(Path.of(arguments[1], "journal")),
            new JournalOptions("reader", 1 << 20, Duration.ZERO),
            clock);
    BufferedQueue queue = BufferedQueue.open(journal, QueueOptions.defaults(), clock);
    queue.addGroup(GROUP, true);
    Effects effects = new Effects(queue, arguments[2]);
    Thread.ofPlatform().daemon().start(effects::run);
    Duration pause = Duration.ofMillis(20);
    new XmppIntake(
            account,
            new SmackArchiveServer(
                account,
                () -> "secret",
                new SmackArchiveServer.Link(
                    "plenum", false, null, Duration.ofSeconds(10), Duration.ofSeconds(20))),
            effects,
            new XmppReports(account, 65_536, Set.of(), clock),
            letters -> {
              throw new IllegalStateException("no letters are expected: " + letters);
            },
            new XmppIntake.Pace(
                50,
                Duration.ofSeconds(5),
                Duration.ofSeconds(3),
                10_000,
                Duration.ofSeconds(10),
                pause,
                pause,
                true),
            clock,
            System::nanoTime,
            new SplittableRandom(1),
            new XmppMeters(new NoMeters()))
        .run();
  }

  private record Effects(BufferedQueue queue, String url) implements ReportService {
    /** The queue takes whatever it is given. */
    @Override
    public Sorted submitEach(List<NewReport> reports) {
      return new Sorted(Collections.nCopies(reports.size(), null), submit(reports));
    }

    @Override
    public boolean open() {
      return true;
    }

    @Override
    public CompletionStage<ReportAnswer> submit(List<NewReport> reports) {
      List<Report> list = new ArrayList<>();
      for (NewReport report : reports) {
        String text =
            (report.position() == null ? "" : report.position())
                + "\n"
                + report.user()
                + "\n"
                + report.body();
        list.add(new Report(report.source(), report.key(), text.getBytes(UTF_8)));
      }
      try {
        return queue
            .append(list, WAIT)
            .thenApply(done -> new ReportAnswer.Accepted(done.first(), done.last()));
      } catch (QueueException e) {
        return CompletableFuture.completedFuture(
            new ReportAnswer.Rejected(ErrorCode.REPORT_QUEUE_FULL, e.toString()));
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IllegalStateException(e);
      }
    }

    @Override
    public Optional<String> position(String source) {
      try (Connection connection = DriverManager.getConnection(url);
          PreparedStatement statement =
              connection.prepareStatement("SELECT position FROM place WHERE source = ?")) {
        statement.setString(1, source);
        try (ResultSet row = statement.executeQuery()) {
          return row.next() ? Optional.of(row.getString(1)) : Optional.empty();
        }
      } catch (SQLException e) {
        throw new ServiceException(ErrorCode.READ_UNAVAILABLE, "away", null, e);
      }
    }

    void run() {
      try (Connection connection = DriverManager.getConnection(url);
          ReportConsumer consumer = queue.consumer(GROUP)) {
        connection.setAutoCommit(false);
        while (true) {
          ReportBatch batch = consumer.poll(100, 1 << 20, WAIT);
          if (!batch.isEmpty()) {
            for (QueuedReport report : batch.reports()) {
              apply(connection, report.report());
            }
            connection.commit();
            consumer.ack(batch.lastSequence());
          }
        }
      } catch (SQLException | InterruptedException | RuntimeException e) {
        e.printStackTrace();
        Runtime.getRuntime().halt(3);
      }
    }

    private static void apply(Connection connection, Report report) throws SQLException {
      String[] parts = new String(report.payload(), UTF_8).split("\n", 3);
      try (PreparedStatement effect =
              connection.prepareStatement(
                  "INSERT INTO effect (key, person, body) VALUES (?, ?, ?) ON CONFLICT DO NOTHING");
          PreparedStatement place =
              connection.prepareStatement(
                  "INSERT INTO place VALUES (?, ?) ON CONFLICT (source) DO UPDATE SET position ="
                      + " EXCLUDED.position")) {
        effect.setString(1, report.key());
        effect.setString(2, parts[1]);
        effect.setString(3, parts[2]);
        if (effect.executeUpdate() == 1 && !parts[0].isEmpty()) {
          place.setString(1, report.source());
          place.setString(2, parts[0]);
          place.executeUpdate();
        }
      }
    }
  }
}
