package org.plenum.backup;

import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What a backup says of itself, in two texts that an administrator can read and check without us:
 * {@code backup.properties}, and {@code SHA256SUMS} in the form of {@code sha256sum}, which covers
 * every file.
 *
 * @param version of Plenum that made it
 * @param database {@code h2} or {@code postgresql}
 * @param schema version of the schema
 * @param revision of the update log, which the database in it has reached at least
 * @param online whether the server was running
 */
record Manifest(
    String version,
    String database,
    String schema,
    long revision,
    boolean online,
    Instant startedAt,
    Duration took) {
  static final String FACTS = "backup.properties";
  static final String SUMS = "SHA256SUMS";
  private static final String FORMAT = "1";

  /** Writes both files into a folder that holds everything else. */
  void write(Path folder, DurableFiles files) throws IOException {
    files.write(
        folder.resolve(FACTS),
        """
        format=%s
        version=%s
        database=%s
        schema=%s
        revision=%d
        online=%b
        started=%s
        millis=%d
        """
            .formatted(
                FORMAT, version, database, schema, revision, online, startedAt, took.toMillis()));
    StringBuilder sums = new StringBuilder();
    for (Path file : DurableFiles.filesOf(folder)) {
      String name = folder.relativize(file).toString().replace('\\', '/');
      sums.append(DurableFiles.checksum(file)).append("  ").append(name).append('\n');
    }
    files.write(folder.resolve(SUMS), sums.toString());
  }

  /**
   * Reads what a folder says of itself, without looking at the rest of it.
   *
   * @throws IOException when it is no backup, or one of a later form
   */
  static Manifest read(Path folder) throws IOException {
    if (!Files.isRegularFile(folder.resolve(FACTS)) || !Files.isRegularFile(folder.resolve(SUMS))) {
      throw new IOException(folder + " is no whole backup: it has no " + FACTS + " and " + SUMS);
    }
    Properties facts = new Properties();
    facts.load(new StringReader(Files.readString(folder.resolve(FACTS))));
    if (!FORMAT.equals(facts.getProperty("format"))) {
      throw new IOException(
          "%s has the form %s; this version of Plenum reads form %s"
              .formatted(folder, facts.getProperty("format"), FORMAT));
    }
    try {
      return new Manifest(
          text(facts, "version"),
          text(facts, "database"),
          text(facts, "schema"),
          Long.parseLong(text(facts, "revision")),
          Boolean.parseBoolean(text(facts, "online")),
          Instant.parse(text(facts, "started")),
          Duration.ofMillis(Long.parseLong(text(facts, "millis"))));
    } catch (NumberFormatException | DateTimeException e) {
      throw new IOException(FACTS + " in " + folder + " is damaged: " + e.getMessage(), e);
    }
  }

  private static String text(Properties facts, String name) throws IOException {
    String value = facts.getProperty(name);
    if (value == null) {
      throw new IOException("there is no " + name + " in " + FACTS);
    }
    return value;
  }

  /**
   * Every file that the backup names with its checksum; they are there, but not compared yet.
   *
   * @throws IOException when the list is damaged, names what is not below the folder, or a file is
   *     missing
   */
  static Map<String, String> sums(Path folder) throws IOException {
    Map<String, String> sums = new TreeMap<>();
    for (String line : Files.readAllLines(folder.resolve(SUMS))) {
      if (!line.matches("[0-9a-f]{64}  [^/\\\\].*")) {
        throw new IOException(SUMS + " in " + folder + " is damaged: " + line);
      }
      String name = line.substring(66);
      Path file = folder.resolve(name).normalize();
      if (!file.startsWith(folder.normalize()) || name.contains("..")) {
        throw new IOException(SUMS + " names a file outside of the backup: " + name);
      }
      if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
        throw new IOException(name + " is missing in " + folder);
      }
      sums.put(name, line.substring(0, 64));
    }
    if (!sums.containsKey(FACTS)) {
      throw new IOException(SUMS + " in " + folder + " is damaged: it does not name " + FACTS);
    }
    return sums;
  }

  /**
   * Reads every file.
   *
   * @param progress is told bytes
   * @throws IOException that names the first file that is not as it was written
   */
  static void verify(Path folder, @Nullable Progress progress) throws IOException {
    List<String> wrong = new ArrayList<>();
    for (Map.Entry<String, String> each : sums(folder).entrySet()) {
      Path file = folder.resolve(each.getKey());
      if (!DurableFiles.checksum(file).equals(each.getValue())) {
        wrong.add(each.getKey());
      }
      if (progress != null) {
        progress.bytes(Files.size(file));
      }
    }
    if (!wrong.isEmpty()) {
      throw new IOException(
          "damaged in " + folder + ": " + String.join(", ", wrong) + " (the checksum is wrong)");
    }
  }

  /** Is told how far a long operation is. */
  interface Progress {
    void bytes(long more);
  }
}
