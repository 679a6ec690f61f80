package org.plenum.platform;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/**
 * The version of what runs here, as people read it. It stands in a file of the module and not in
 * the code: a constant would be copied into every class that names it.
 */
public final class ProductVersion {
  private static final String FILE = "/META-INF/plenum-version.txt";

  /** The version. */
  public static final String TEXT = read();

  private ProductVersion() {}

  private static String read() {
    try (InputStream in = ProductVersion.class.getResourceAsStream(FILE)) {
      if (in == null) {
        throw new IllegalStateException("this module lacks " + FILE);
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8).strip();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
