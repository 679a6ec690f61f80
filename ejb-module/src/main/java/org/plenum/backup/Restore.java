package org.plenum.backup;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.plenum.backup.Manifest.Progress;

/**
 * Puts a backup in the place of what a stopped node has. Everything is checked and copied beside
 * the present files first; then a mark says that they are being replaced, each is renamed away and
 * its successor to its name, and the mark goes. A restore that is killed before the mark changed
 * nothing, one that is killed after it keeps the server from starting until it is done again.
 * Nothing is deleted. For one thread.
 */
final class Restore {
  private static final DateTimeFormatter NOW =
      DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HHmmss", Locale.ROOT).withZone(ZoneOffset.UTC);
  private static final String STAGED = ".restoring";

  private final Path backup;
  private final Path data;
  private final Layout layout;
  private final DurableFiles files;
  private final Progress progress;
  private final List<Path> kept = new ArrayList<>();

  /** A part of the backup, and whose place it takes. */
  private record Part(String from, Path to) {}

  Restore(Path backup, Path data, DurableFiles files, Progress progress) throws IOException {
    this.backup = backup.toAbsolutePath().normalize();
    this.data = data.toAbsolutePath().normalize();
    this.layout = Layout.read(this.data);
    this.files = files;
    this.progress = progress;
  }

  /**
   * Checks everything that can be checked without changing anything.
   *
   * @param product of the database that the node uses
   * @throws IOException that says why this backup cannot be restored here
   */
  Manifest check(String product) throws IOException {
    Manifest manifest = Manifest.read(backup);
    if (!manifest.database().equals(product)) {
      throw new IOException(
          "%s is a backup of %s, and this node uses %s"
              .formatted(backup, manifest.database(), product));
    }
    refuseLaterSchema(manifest);
    for (Part part : parts()) {
      refuseMount(part.to());
    }
    refuseMount(layout.reader());
    refuseWhileUsed(layout.database());
    refuseWhileUsed(layout.reports().resolve("lock"));
    Manifest.verify(backup, progress);
    return manifest;
  }

  /** The application would refuse it too, but only after everything was replaced. */
  private void refuseLaterSchema(Manifest manifest) throws IOException {
    int newest = Migrations.newest(manifest.database());
    if (newest > 0
        && manifest.schema().matches("\\d{1,9}")
        && Integer.parseInt(manifest.schema()) > newest) {
      throw new IOException(
          "%s was made by Plenum %s with schema %s, and the version deployed here knows %d: deploy that one or a newer one first"
              .formatted(backup, manifest.version(), manifest.schema(), newest));
    }
  }

  /** What a file system is mounted at cannot be renamed away. */
  static void refuseMount(Path path) throws IOException {
    Path parent = path.toAbsolutePath().getParent();
    if (parent != null
        && Files.exists(path, LinkOption.NOFOLLOW_LINKS)
        && !Files.isSymbolicLink(path)
        && !Files.getFileStore(path).equals(Files.getFileStore(parent))) {
      throw new IOException(
          path
              + " is a mount of its own and cannot be replaced by renaming: mount the folder above"
              + " it instead, or have the configuration name a folder within the mount");
    }
  }

  /** What H2 and the journal lock while a process has them. */
  private static void refuseWhileUsed(Path file) throws IOException {
    if (NodeFiles.inUse(file)) {
      throw new IOException(file + " is in use: stop the server first");
    }
  }

  /**
   * Copies everything beside the present files and makes the mark; {@link #check} was called
   * before. Alone, before a database is restored by other means; {@link #run} begins anew.
   */
  void begin() throws IOException {
    Map<String, String> sums = Manifest.sums(backup);
    List<Part> parts = parts();
    for (Part part : parts) {
      files.deleteTree(staged(part.to())); // of a restore that was begun, or killed
    }
    checkRoom(sums);
    for (Part part : parts) {
      stage(part, sums);
      files.forceTree(staged(part.to()));
    }
    Control control = new Control(data);
    control.prepare();
    control.beginRestore(files, backup.toString());
  }

  /**
   * Restores; {@link #check} was called before.
   *
   * @return where what was there before is now
   */
  List<Path> run(Instant now) throws IOException {
    replace(now);
    end();
    return kept;
  }

  /** As {@link #run}, but the mark stays: other nodes come before this one may start. */
  List<Path> replace(Instant now) throws IOException {
    begin();
    List<Part> parts = parts();
    String suffix = suffix(now);
    for (Part part : parts) {
      setAside(part.to(), suffix);
      Path staged = staged(part.to());
      if (Files.exists(staged, LinkOption.NOFOLLOW_LINKS)) {
        files.rename(staged, part.to());
      }
    }
    setAside(layout.reader(), suffix); // made again from the database
    return kept;
  }

  /** Takes the mark away: all is of one state, or still as it was. */
  void end() throws IOException {
    new Control(data).endRestore(files);
  }

  /** Where what is replaced at that time goes, beside it. */
  static String suffix(Instant now) {
    return ".before-restore-" + NOW.format(now);
  }

  private List<Part> parts() {
    List<Part> parts = new ArrayList<>();
    if (layout.product().equals(DatabaseFacts.H2)) {
      parts.add(new Part(Filling.DATABASE + "/" + H2Copy.FILE, layout.database()));
    }
    parts.add(new Part(Filling.REPORTS, layout.reports()));
    // A backup of a node whose tokens come from elsewhere has none: what is there stays.
    if (Files.isRegularFile(backup.resolve(Filling.KEYS).resolve(Filling.KEY))) {
      parts.add(new Part(Filling.KEYS + "/" + Filling.KEY, layout.keyFile()));
    }
    return parts;
  }

  private void checkRoom(Map<String, String> sums) throws IOException {
    long needed = 0;
    for (String name : sums.keySet()) {
      needed += Files.size(backup.resolve(name));
    }
    long free = Files.getFileStore(data).getUsableSpace();
    if (free < needed) {
      throw new IOException(
          "%s has %d MiB free and the backup has %d MiB; what is there now stays beside it"
              .formatted(data, free >> 20, needed >> 20));
    }
  }

  private static Path staged(Path to) {
    return to.resolveSibling(to.getFileName() + STAGED);
  }

  private void stage(Part part, Map<String, String> sums) throws IOException {
    Path staged = staged(part.to());
    if (sums.containsKey(part.from())) {
      stage(part.from(), staged, sums);
      return;
    }
    if (part.to().equals(layout.database())) {
      throw new IOException("there is no database in " + backup);
    }
    files.makeFolder(staged);
    for (String name : sums.keySet()) {
      if (name.startsWith(part.from() + "/")) {
        stage(name, staged.resolve(name.substring(part.from().length() + 1)), sums);
      }
    }
  }

  private void stage(String name, Path to, Map<String, String> sums) throws IOException {
    Path from = backup.resolve(name);
    if (!files.copy(from, to).equals(sums.get(name))) {
      throw new IOException(name + " in " + backup + " is damaged (the checksum is wrong)");
    }
    progress.bytes(Files.size(from));
  }

  private void setAside(Path path, String suffix) throws IOException {
    setAside(path, suffix, files).ifPresent(kept::add);
  }

  /** Renames what is there; gives its new name. */
  static Optional<Path> setAside(Path path, String suffix, DurableFiles files) throws IOException {
    if (!Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
      return Optional.empty();
    }
    Path aside = path.resolveSibling(path.getFileName() + suffix);
    for (int i = 2; Files.exists(aside, LinkOption.NOFOLLOW_LINKS); i++) {
      aside = path.resolveSibling(path.getFileName() + suffix + "-" + i);
    }
    files.rename(path, aside);
    return Optional.of(aside);
  }
}
