package org.plenum.bench;

import java.io.IOException;
import java.sql.SQLException;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import org.plenum.testkit.LegacySystem;
import org.plenum.testkit.PlenumServer;
import org.plenum.testkit.PostgresServer;
import org.plenum.testkit.ProsodyServer;
import org.plenum.testkit.XmppSender;
import org.plenum.testkit.XmppServer;

/**
 * Reports of 1 KB from the sender to the table of stored reports, by each way in: REST, JMS and
 * XMPP (RPT-2, RPT-5). Of each: what is acknowledged, what is stored, and who was busy meanwhile,
 * so that the bound can be named.
 */
final class IntakesBench {
  private static final String ACCOUNT = "bench-0";
  private static final int SESSIONS = 4;
  private static final int XMPP_SENDERS = 2;
  private static final int XMPP_BATCH = 100;
  private static final String READER = "reports";
  private static final String PASSWORD = "secret";

  /** The server's own default: how large a request with reports may be. */
  private static final int REQUEST_BYTES = 2_097_152;

  /** The server's own default: how many reports it may have. */
  private static final int MAX_LIST = 1_000;

  /** What was not warmed up for another batch of the same way. */
  private static final int SHORT_WARM_UP = 5;

  private final Report report;
  private final PostgresServer postgres;
  private final Tokens tokens;
  private final Function<Map<String, String>, PlenumServer> servers;
  private final int warmUp = Integer.getInteger("bench.warmup", 60);
  private int loads;

  /** A bench that has started nothing; its server is made with further settings. */
  IntakesBench(
      Report report,
      PostgresServer postgres,
      Tokens tokens,
      Function<Map<String, String>, PlenumServer> servers) {
    this.report = report;
    this.postgres = postgres;
    this.tokens = tokens;
    this.servers = servers;
  }

  /**
   * Runs those of {@code rest}, {@code jms} and {@code xmpp} that are wanted, or all.
   *
   * @throws IllegalStateException when a report is missing, doubled or out of order
   */
  void run(Set<String> wanted, ProsodyStart prosodies)
      throws InterruptedException, SQLException, IOException {
    boolean all = !wanted.contains("rest") && !wanted.contains("jms") && !wanted.contains("xmpp");
    Map<String, String> settings = new TreeMap<>(Map.of("plenum.report.reporters", ACCOUNT));
    try (ProsodyServer prosody =
            all || wanted.contains("xmpp") ? prosody(prosodies, settings) : null;
        PlenumServer server = servers.apply(settings)) {
      IntakeMeasure measure = new IntakeMeasure(report, postgres, server, prosody);
      if (all || wanted.contains("rest")) {
        rest(server, measure);
      }
      if (all || wanted.contains("jms")) {
        measure.run("JMS, 100 a commit", "jms-100", warmUp, () -> jms(server, 100));
        measure.run("JMS, each by itself", "jms-1", SHORT_WARM_UP, () -> jms(server, 1));
      }
      if (prosody != null) {
        measure.run("XMPP, read while they come", "xmpp", warmUp, () -> xmpp(prosody));
        XmppSender.displace(prosody, READER, PASSWORD, "plenum");
        measure.catchUp("XMPP, read from the archive", xmpp(prosody));
      }
    }
  }

  /** Starts a messaging server. */
  @FunctionalInterface
  interface ProsodyStart {
    ProsodyServer start();
  }

  private static ProsodyServer prosody(ProsodyStart prosodies, Map<String, String> settings)
      throws IOException {
    ProsodyServer prosody = prosodies.start();
    XmppSender.register(prosody, READER, PASSWORD);
    for (int i = 0; i < XMPP_SENDERS; i++) {
      XmppSender.register(prosody, "sender" + i, PASSWORD);
    }
    settings.put(
        "plenum.xmpp.servers",
        "%s@%s=127.0.0.1:%d".formatted(READER, XmppServer.DOMAIN, prosody.port()));
    settings.put("plenum.xmpp.password", PASSWORD);
    settings.put("plenum.xmpp.tls", "false");
    return prosody;
  }

  /** One report a request, a hundred, and as many as one may have by number and bytes. */
  private void rest(PlenumServer server, IntakeMeasure measure)
      throws InterruptedException, SQLException {
    int bytes = SampleReport.json("bench/rest/000/0", "0".repeat(12)).length() + 1;
    int largest = Math.min(MAX_LIST, (REQUEST_BYTES - 1) / bytes);
    int warming = warmUp;
    for (int batch : new int[] {100, 1, largest}) {
      measure.run(
          "REST, %d a request".formatted(batch),
          "rest-" + batch,
          warming,
          () -> new RestReports(server.httpPort(), tokens.of(ACCOUNT), batch, nextName()));
      warming = SHORT_WARM_UP;
    }
  }

  private ReportLoad jms(PlenumServer server, int batch) {
    SendingThreads load = new SendingThreads(batch);
    String name = nextName();
    for (int i = 0; i < SESSIONS; i++) {
      String source = "bench/jms/" + name + "/" + i;
      load.with(source, "", "", () -> new JmsSender(connect(server, batch), source, batch > 1));
    }
    return load;
  }

  private static LegacySystem connect(PlenumServer server, int batch) {
    var connections = LegacySystem.connections(server.payara(), server.jmsPort());
    return batch > 1
        ? LegacySystem.connectTransacted(connections, LegacySystem.REPORTS)
        : LegacySystem.connect(connections, LegacySystem.REPORTS);
  }

  private ReportLoad xmpp(ProsodyServer prosody) {
    SendingThreads load = new SendingThreads(XMPP_BATCH);
    String name = nextName();
    for (int i = 0; i < XMPP_SENDERS; i++) {
      String user = "sender" + i;
      load.with(
          "xmpp/%s@%s".formatted(READER, XmppServer.DOMAIN),
          name + "-",
          "%s@%s/".formatted(user, XmppServer.DOMAIN),
          () -> new ArchiveSender(XmppSender.connect(prosody, user, PASSWORD), READER));
    }
    return load;
  }

  private String nextName() {
    return "%03d".formatted(loads++);
  }
}
