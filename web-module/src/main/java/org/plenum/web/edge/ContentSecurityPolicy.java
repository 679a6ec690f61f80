package org.plenum.web.edge;

import jakarta.servlet.ServletContext;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The page's strict policy: everything from this origin, no inline script but the import map of the
 * page, which is let through by its hash.
 */
final class ContentSecurityPolicy {
  private static final String PAGE = "/index.html";
  private static final Pattern IMPORT_MAP =
      Pattern.compile("<script type=\"importmap\">(.*?)</script>", Pattern.DOTALL);

  private ContentSecurityPolicy() {}

  /** The policy for the deployed page. */
  static String of(ServletContext context, EdgeConfig config) {
    try (InputStream page = context.getResourceAsStream(PAGE)) {
      String html = page == null ? "" : new String(page.readAllBytes(), StandardCharsets.UTF_8);
      return of(html, config.frameAncestors());
    } catch (IOException e) {
      throw new UncheckedIOException("the page cannot be read", e);
    }
  }

  static String of(String html, List<String> frameAncestors) {
    StringBuilder scripts = new StringBuilder("'self'");
    Matcher map = IMPORT_MAP.matcher(html.replace("\r\n", "\n"));
    while (map.find()) {
      scripts.append(" 'sha256-").append(sha256(map.group(1))).append('\'');
    }
    return "default-src 'self'; script-src "
        + scripts
        + "; img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'self';"
        + " frame-ancestors "
        + String.join(" ", frameAncestors);
  }

  private static String sha256(String text) {
    try {
      byte[] hash =
          MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
      return Base64.getEncoder().encodeToString(hash);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
