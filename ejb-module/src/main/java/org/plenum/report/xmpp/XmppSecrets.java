package org.plenum.report.xmpp;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.util.function.Supplier;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;
import org.eclipse.microprofile.config.Config;
import org.jspecify.annotations.Nullable;
import org.plenum.platform.ErrorCode;
import org.plenum.platform.ServiceException;

/** Passwords and authorities. */
final class XmppSecrets {
  private XmppSecrets() {}

  /** The account's password, read when it is asked for. */
  static Supplier<String> password(Config config, XmppAccount account) {
    return () -> {
      String file = XmppConfig.PASSWORD_FILE.from(config).strip();
      String own = file.isEmpty() ? null : line(Path.of(file), account.jid());
      String password = own == null ? XmppConfig.PASSWORD.from(config) : own;
      if (password.isEmpty()) {
        throw new IllegalStateException(
            "there is no password for "
                + account.jid()
                + " in plenum.xmpp.password-file or plenum.xmpp.password");
      }
      return password;
    };
  }

  private static @Nullable String line(Path file, String jid) {
    try {
      for (String line : Files.readAllLines(file)) {
        String[] parts = line.strip().split("\\s+", 2);
        if (parts.length == 2 && parts[0].equalsIgnoreCase(jid)) {
          return parts[1];
        }
      }
      return null;
    } catch (IOException e) {
      throw new UncheckedIOException("the file of passwords cannot be read", e);
    }
  }

  /**
   * Who believes the certificates of a file; null when none is given.
   *
   * @throws ServiceException INVALID_VALUE when the file cannot be used
   */
  static @Nullable X509TrustManager trust(String file) {
    if (file.isBlank()) {
      return null;
    }
    try (InputStream in = Files.newInputStream(Path.of(file.strip()))) {
      KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
      store.load(null, null);
      int number = 0;
      for (Certificate each : CertificateFactory.getInstance("X.509").generateCertificates(in)) {
        store.setCertificateEntry("authority-" + ++number, each);
      }
      if (number == 0) {
        throw new GeneralSecurityException("there is no certificate in it");
      }
      TrustManagerFactory factory =
          TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      factory.init(store);
      for (TrustManager manager : factory.getTrustManagers()) {
        if (manager instanceof X509TrustManager trust) {
          return trust;
        }
      }
      throw new GeneralSecurityException("the JVM has no trust manager for certificates");
    } catch (IOException | GeneralSecurityException e) {
      throw new ServiceException(
          ErrorCode.INVALID_VALUE,
          "configuration key plenum.xmpp.trust-file: '" + file + "' cannot be used: " + e,
          null,
          e);
    }
  }
}
