package org.plenum.report.xmpp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.plenum.report.xmpp.ArchiveException.Reason;
import org.plenum.testkit.XmppSender;
import org.plenum.testkit.XmppServer;

/** What the intake asks of an XMPP server, asked of real ones. */
@Timeout(60)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class XmppArchiveContract {
  private int accounts;
  private @Nullable XmppServer server;

  /** Whether this machine has such a server; without it there is nothing to ask. */
  abstract boolean isInstalled();

  /** A server that is started, with the archive kept for ever. */
  abstract XmppServer server(Path work);

  /** What follows the id of a message that is not in the archive. */
  abstract boolean knowsWhatItDeleted();

  @BeforeAll
  void start() throws Exception {
    assumeThat(isInstalled()).as("installed on this machine").isTrue();
    server = server(Path.of(System.getProperty("plenum.work")));
    XmppSender.register(server, "ada", "pw");
  }

  @AfterAll
  void stop() {
    if (server != null) {
      server.close();
    }
  }

  @Test
  void messagesForAnAccountThatIsAwayAreReadPageByPageInTheirOrder() throws Exception {
    String account = account();
    try (XmppSender ada = XmppSender.connect(server, "ada", "pw")) {
      for (int i = 0; i < 25; i++) {
        ada.send(account, "m" + i, XmppSender.body("{\"n\":" + i + "}"));
      }
      ada.awaitServer();
    }
    try (ArchiveSession session = open(account, "secret", false, new Seen())) {
      List<String> bodies = new ArrayList<>();
      List<Integer> sizes = new ArrayList<>();
      String after = null;
      ArchivePage page;
      do {
        page = session.page(after, 10);
        page.messages().forEach(message -> bodies.add(message.body()));
        sizes.add(page.messages().size());
        after = page.last();
      } while (!page.complete());
      assertThat(sizes).containsExactly(10, 10, 5);
      assertThat(bodies).hasSize(25);
      for (int i = 0; i < 25; i++) {
        assertThat(bodies.get(i)).isEqualTo("{\"n\":" + i + "}");
      }
      ArchivePage end = session.page(after, 10);
      assertThat(end.messages()).isEmpty();
      assertThat(end.complete()).isTrue();
    }
  }

  @Test
  void aMessageSaysWhoSentItAndWhen() throws Exception {
    String account = account();
    try (XmppSender ada = XmppSender.connect(server, "ada", "pw");
        ArchiveSession session = open(account, "secret", false, new Seen())) {
      // The sender cannot say that it is somebody else.
      ada.send(
          account, "m1", XmppSender.body("<&\u00e9\ud83d\ude00>") + XmppSender.receiptRequest());
      ada.awaitServer();
      ArchivedMessage message = awaitOne(session);
      assertThat(message.sender()).isEqualTo("ada@" + XmppServer.DOMAIN);
      assertThat(message.messageId()).isEqualTo("m1");
      assertThat(message.body()).isEqualTo("<&\u00e9\ud83d\ude00>");
      assertThat(message.wantsReceipt()).isTrue();
      assertThat(message.archivedAt()).isNotNull();
    }
  }

  @Test
  void whatASenderGotWrongEndsNoConnection() throws Exception {
    String account = account();
    try (XmppSender ada = XmppSender.connect(server, "ada", "pw");
        ArchiveSession session = open(account, "secret", false, new Seen())) {
      ada.send(
          account,
          "m1",
          "<body>first</body><delay xmlns='urn:xmpp:delay' stamp='nonsense'/>"
              + "<x xmlns='jabber:x:data' type='what'><field/></x>"
              + "<report xmlns='urn:plenum:report:1'>{}</report>");
      ada.send(account, "m2", XmppSender.body("second"));
      ada.awaitServer();
      await().until(() -> session.page(null, 10).messages().size() == 2);
      assertThat(session.isOpen()).isTrue();
      assertThat(session.page(null, 10).messages())
          .extracting(ArchivedMessage::text)
          .containsExactly("{}", "second");
    }
  }

  @Test
  void aMessageThatArrivesLiveIsTheOneThatTheArchiveHas() throws Exception {
    String account = account();
    Seen seen = new Seen();
    try (XmppSender ada = XmppSender.connect(server, "ada", "pw");
        ArchiveSession session = open(account, "secret", false, seen)) {
      assertThat(session.page(null, 10).messages()).isEmpty();
      ada.send(account, "m1", XmppSender.body("{}"));
      ada.send(
          account,
          "m2",
          "<report xmlns='urn:plenum:report:1'>{}</report><store xmlns='urn:xmpp:hints'/>");
      await().until(() -> seen.archived.size() == 2);
      assertThat(session.page(null, 10).messages())
          .extracting(ArchivedMessage::token)
          .containsExactlyElementsOf(seen.archived);
      assertThat(seen.notArchived.get()).isZero();
    }
  }

  @Test
  void aMessageThatTheServerDoesNotArchiveIsSeen() throws Exception {
    String account = account();
    Seen seen = new Seen();
    try (XmppSender ada = XmppSender.connect(server, "ada", "pw");
        ArchiveSession session = open(account, "secret", false, seen)) {
      assertThat(session.page(null, 10).messages()).isEmpty();
      ada.send(account, "m1", XmppSender.body("{}") + "<no-store xmlns='urn:xmpp:hints'/>");
      await().until(() -> seen.notArchived.get() == 1);
      assertThat(session.page(null, 10).messages()).isEmpty();
    }
  }

  @Test
  void aReceiptReachesTheSender() throws Exception {
    String account = account();
    try (XmppSender ada = XmppSender.connect(server, "ada", "pw");
        ArchiveSession session = open(account, "secret", false, new Seen())) {
      ada.send(account, "m77", XmppSender.body("{}") + XmppSender.receiptRequest());
      ada.awaitServer();
      session.receipt(awaitOne(session));
      ada.awaitReceipts(Set.of("m77"));
      assertThat(ada.receipts()).contains("m77");
    }
  }

  @Test
  void aPlaceThatIsNotInTheArchiveIsSaidOrTheReadingGoesOnBehindIt() throws Exception {
    String account = account();
    try (XmppSender ada = XmppSender.connect(server, "ada", "pw");
        ArchiveSession session = open(account, "secret", false, new Seen())) {
      ada.send(account, "m1", XmppSender.body("{}"));
      ada.awaitServer();
      awaitOne(session);
      // Older than anything, as an id of ejabberd; unknown, as any other.
      String deleted = "1000000000000000";
      if (knowsWhatItDeleted()) {
        assertThat(session.page(deleted, 10).messages()).hasSize(1);
      } else {
        assertThatThrownBy(() -> session.page(deleted, 10))
            .isInstanceOfSatisfying(
                ArchiveException.class, e -> assertThat(e.reason()).isEqualTo(Reason.GONE));
      }
      assertThat(session.isOpen()).isTrue();
    }
  }

  @Test
  void aWrongPasswordAndAMissingEncryptionAreRefused() throws Exception {
    String account = account();
    assertRefused(() -> open(account, "wrong", false, new Seen()));
    assertRefused(() -> open(account, "secret", true, new Seen()));
  }

  @Test
  void aNewConnectionEndsTheOldOne() throws Exception {
    String account = account();
    try (ArchiveSession old = open(account, "secret", false, new Seen());
        ArchiveSession next = open(account, "secret", false, new Seen())) {
      await().until(() -> !old.isOpen());
      assertThat(old.isReplaced()).isTrue();
      assertThat(next.page(null, 10).messages()).isEmpty();
    }
  }

  private static void assertRefused(org.assertj.core.api.ThrowableAssert.ThrowingCallable opening) {
    assertThatThrownBy(opening)
        .isInstanceOfSatisfying(
            ArchiveException.class, e -> assertThat(e.reason()).isEqualTo(Reason.REFUSED));
  }

  /** The archive is written beside the sender's acknowledgement. */
  private static ArchivedMessage awaitOne(ArchiveSession session) {
    return await()
        .until(() -> session.page(null, 10).messages(), messages -> !messages.isEmpty())
        .getFirst();
  }

  private String account() throws Exception {
    String name = "reports" + ++accounts;
    XmppSender.register(server, name, "secret");
    return name;
  }

  private ArchiveSession open(String name, String password, boolean tls, Arrivals arrivals)
      throws Exception {
    return open(server, name, password, tls, null, arrivals);
  }

  static ArchiveSession open(
      XmppServer server,
      String name,
      String password,
      boolean tls,
      javax.net.ssl.@Nullable X509TrustManager trust,
      Arrivals arrivals)
      throws ArchiveException, InterruptedException {
    XmppAccount account =
        XmppAccount.parse(name + "@" + XmppServer.DOMAIN + "=127.0.0.1:" + server.port());
    return new SmackArchiveServer(
            account,
            () -> password,
            new SmackArchiveServer.Link(
                "plenum", tls, trust, Duration.ofSeconds(10), Duration.ofSeconds(20)))
        .open(arrivals);
  }

  /** What arrived. */
  static final class Seen implements Arrivals {
    private final List<MessageToken> archived = new CopyOnWriteArrayList<>();
    private final AtomicInteger notArchived = new AtomicInteger();

    @Override
    public void hint() {}

    @Override
    public void archived(MessageToken token) {
      archived.add(token);
    }

    @Override
    public void notArchived() {
      notArchived.incrementAndGet();
    }
  }
}
