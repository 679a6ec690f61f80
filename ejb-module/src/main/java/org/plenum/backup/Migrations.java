package org.plenum.backup;

import java.io.IOException;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The migrations of the schema that this version brings, without what runs them. */
final class Migrations {
  private static final Pattern NAME = Pattern.compile("V(\\d{1,9})__.*\\.sql");

  private Migrations() {}

  /** Version of the newest for a product; 0 when it is not known, as from within an archive. */
  static int newest(String product) throws IOException {
    URL folder = Migrations.class.getClassLoader().getResource("db/migration/" + product);
    if (folder == null || !folder.getProtocol().equals("file")) {
      return 0;
    }
    try (Stream<Path> all = Files.list(Path.of(folder.toURI()))) {
      return all.map(path -> NAME.matcher(String.valueOf(path.getFileName())))
          .filter(Matcher::matches)
          .mapToInt(match -> Integer.parseInt(match.group(1)))
          .max()
          .orElse(0);
    } catch (URISyntaxException e) {
      throw new IOException("the migrations cannot be found in " + folder, e);
    }
  }
}
