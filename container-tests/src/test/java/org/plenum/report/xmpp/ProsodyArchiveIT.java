package org.plenum.report.xmpp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.plenum.report.xmpp.ArchiveException.Reason;
import org.plenum.testkit.ProsodyServer;
import org.plenum.testkit.XmppServer;

class ProsodyArchiveIT extends XmppArchiveContract {
  private static final Path WORK = Path.of(System.getProperty("plenum.work"));

  @Override
  boolean isInstalled() {
    return ProsodyServer.isInstalled();
  }

  @Override
  XmppServer server(Path work) {
    return ProsodyServer.start(work);
  }

  @Override
  boolean knowsWhatItDeleted() {
    return false;
  }

  @Test
  void anEncryptedConnectionNeedsACertificateOfAnAuthorityThatIsTrusted() throws Exception {
    try (ProsodyServer server = ProsodyServer.startEncrypted(WORK)) {
      server.makeAccount("reports", "secret");
      assertThatThrownBy(() -> open(server, "reports", "secret", true, null, new Seen()))
          .isInstanceOfSatisfying(
              ArchiveException.class, e -> assertThat(e.reason()).isEqualTo(Reason.REFUSED));
      var trust = XmppSecrets.trust(server.certificateFile().toString());
      try (ArchiveSession session = open(server, "reports", "secret", true, trust, new Seen())) {
        assertThat(session.page(null, 10).messages()).isEmpty();
      }
      // The server does not let anybody in without encryption.
      assertThatThrownBy(() -> open(server, "reports", "secret", false, null, new Seen()))
          .isInstanceOf(ArchiveException.class);
    }
  }
}
