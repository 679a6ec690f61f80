package org.plenum.backup;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.plenum.platform.config.DataFolder;

/**
 * Puts a {@link ClusterBackup} in the place of what a stopped cluster has, in two parts. {@link
 * #stage} checks everything and copies the database beside that of now; a server is then run on
 * that copy for a moment, since it must replay its log. {@link #replace} marks every node, so that
 * none starts, renames database and files, and takes the marks away. Killed at any moment it can be
 * done again from the beginning. Nothing is deleted but copies. For one thread.
 */
final class ClusterRestore {
  private static final String STAGED = ".restoring";

  private final Path backup;
  private final Map<String, Path> nodes;
  private final Path database;
  private final DurableFiles files;
  private final Manifest.Progress progress;

  /**
   * Of this backup.
   *
   * @param nodes the plenum.data.dir of each, by name
   * @param database the data folder of the primary
   */
  ClusterRestore(
      Path backup,
      Map<String, Path> nodes,
      Path database,
      DurableFiles files,
      Manifest.Progress progress) {
    this.backup = backup;
    this.nodes = new LinkedHashMap<>(nodes);
    this.database = database;
    this.files = files;
    this.progress = progress;
  }

  /** Where the database is copied to. */
  Path staged() {
    return database.resolveSibling(database.getFileName() + STAGED);
  }

  /**
   * Checks everything that can be checked without changing anything.
   *
   * @throws IOException that says why this backup cannot be restored here
   */
  Manifest check() throws IOException {
    Manifest manifest = Manifest.read(backup);
    if (!manifest.database().equals(ClusterBackup.PRODUCT)) {
      throw new IOException(
          "%s is a backup of one server with %s, and not of a cluster"
              .formatted(backup, manifest.database()));
    }
    Manifest.verify(backup, progress);
    Set<String> there = new TreeSet<>();
    for (String name : Manifest.sums(backup).keySet()) {
      if (name.matches("[^/]+/" + Manifest.FACTS)) {
        there.add(name.substring(0, name.indexOf('/')));
      }
    }
    if (!there.equals(nodes.keySet())) {
      throw new IOException(
          "%s is of a cluster of %s, and this one has %s"
              .formatted(backup, String.join(", ", there), String.join(", ", nodes.keySet())));
    }
    if (!Files.isRegularFile(backup.resolve(Filling.DATABASE).resolve("PG_VERSION"))) {
      throw new IOException("there is no database in " + backup);
    }
    Restore.refuseMount(database);
    for (Map.Entry<String, Path> node : nodes.entrySet()) {
      if (!Layout.read(node.getValue()).product().equals(DatabaseFacts.POSTGRESQL)) {
        throw new IOException(
            node.getKey() + " has never run: start the cluster once (./plenum cluster up)");
      }
      restoreOf(node.getKey()).check(DatabaseFacts.POSTGRESQL);
    }
    return manifest;
  }

  private Restore restoreOf(String node) throws IOException {
    return new Restore(
        backup.resolve(node), nodes.getOrDefault(node, database), files, bytes -> {});
  }

  /** Copies the database beside that of now; {@link #check} was called before. */
  void stage() throws IOException {
    Path from = backup.resolve(Filling.DATABASE);
    Map<String, String> sums = Manifest.sums(backup);
    Path to = staged();
    files.deleteTree(to); // of a restore that was begun, or killed
    long needed = DurableFiles.sizeOf(backup);
    Path parent = to.toAbsolutePath().getParent();
    long free = Files.getFileStore(parent == null ? to : parent).getUsableSpace();
    if (free < needed) {
      throw new IOException(
          "%s has %d MiB free, and %d MiB are needed: what is there now is kept"
              .formatted(parent, free >> 20, (needed >> 20) + 1));
    }
    files.makeFolder(to);
    Files.walkFileTree(
        from,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes)
              throws IOException {
            files.makeFolder(to.resolve(from.relativize(folder))); // an empty one too
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            String name = backup.relativize(file).toString().replace('\\', '/');
            if (!files
                .copyUnforced(file, to.resolve(from.relativize(file)))
                .equals(sums.get(name))) {
              throw new IOException(name + " in " + backup + " is damaged (the checksum is wrong)");
            }
            progress.bytes(attributes.size());
            return FileVisitResult.CONTINUE;
          }
        });
    files.forceTree(to);
  }

  /**
   * Replaces everything; the log of the staged database has been replayed, and no database runs.
   *
   * @param others data folders of databases that are set aside too: replicas, which are made anew
   * @return where what was there before is now
   */
  List<Path> replace(List<Path> others, Instant now) throws IOException {
    List<String> problems = PostgresCopy.problems(staged());
    if (!problems.isEmpty()) {
      throw new IOException(String.join("; ", problems));
    }
    List<Restore> restores = new ArrayList<>();
    boolean again = false;
    for (Map.Entry<String, Path> node : nodes.entrySet()) {
      again |= Files.exists(node.getValue().resolve(DataFolder.UNFINISHED_RESTORE));
      restores.add(restoreOf(node.getKey()));
    }
    try {
      for (Restore each : restores) {
        each.check(DatabaseFacts.POSTGRESQL);
      }
      for (Restore each : restores) {
        each.begin();
      }
    } catch (IOException e) {
      if (!again) {
        for (Restore each : restores) {
          each.end(); // nothing was replaced yet
        }
      }
      throw e;
    }
    List<Path> kept = new ArrayList<>();
    String suffix = Restore.suffix(now);
    Restore.setAside(database, suffix, files).ifPresent(kept::add);
    files.rename(staged(), database);
    for (Path other : others) {
      Restore.setAside(other, suffix, files).ifPresent(kept::add);
    }
    for (Restore each : restores) {
      kept.addAll(each.replace(now));
    }
    for (Restore each : restores) {
      each.end();
    }
    return kept;
  }
}
