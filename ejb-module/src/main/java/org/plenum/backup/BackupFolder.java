package org.plenum.backup;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A folder of backups. One process at a time makes one in it, under a name that begins with a dot;
 * it gets its own name when everything is on the disk. So what has a name without a dot is whole,
 * and what a killed process leaves is deleted by the next. One thread at a time, {@link #list}
 * apart.
 */
final class BackupFolder implements AutoCloseable {
  private static final Logger LOG = Logger.getLogger(BackupFolder.class.getName());
  private static final DateTimeFormatter NAME =
      DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HHmmss", Locale.ROOT).withZone(ZoneOffset.UTC);
  static final String DRAFT = ".part";
  private static final String LOCK = ".lock";

  private final Path folder;
  private final DurableFiles files;
  private @Nullable FileChannel lock;

  /** A whole backup. */
  record Whole(String name, Path path, Manifest manifest) {}

  BackupFolder(Path folder, DurableFiles files) {
    this.folder = folder.toAbsolutePath().normalize();
    this.files = files;
  }

  Path path() {
    return folder;
  }

  /**
   * Makes a draft for a backup that begins now.
   *
   * @return the draft, or null when somebody else makes one
   */
  @Nullable Path begin(Instant now) throws IOException {
    files.makeFolder(folder);
    if (!lock()) {
      return null;
    }
    tidy();
    String name = NAME.format(now);
    for (int i = 2; Files.exists(folder.resolve(name)); i++) {
      name = NAME.format(now) + "-" + i;
    }
    Path draft = folder.resolve("." + name + DRAFT);
    files.makeFolder(draft);
    return draft;
  }

  /** Whether a path could be the draft of a backup. */
  static boolean isDraft(Path path) {
    String name = String.valueOf(path.getFileName());
    return name.startsWith(".") && name.endsWith(DRAFT);
  }

  /** The name that the draft gets. */
  static String nameOf(Path draft) {
    String name = String.valueOf(draft.getFileName());
    return name.substring(1, name.length() - DRAFT.length());
  }

  /** The draft is whole: from now on it is a backup. */
  Path complete(Path draft, Manifest manifest) throws IOException {
    files.forceTree(draft);
    manifest.write(draft, files);
    Path whole = folder.resolve(nameOf(draft));
    files.rename(draft, whole);
    return whole;
  }

  /** Deletes a draft that does not become a backup; what cannot be deleted goes with the next. */
  void abandon(Path draft) {
    try {
      files.deleteTree(draft);
    } catch (IOException e) {
      LOG.log(Level.WARNING, "the rest of a backup that failed stays in " + draft, e);
    }
  }

  private void tidy() throws IOException {
    for (Path each : entries()) {
      if (isDraft(each)) {
        files.deleteTree(each);
      }
    }
  }

  /** Whole backups, newest first. What is none of ours is left out. */
  List<Whole> list() throws IOException {
    List<Whole> found = new ArrayList<>();
    for (Path each : entries()) {
      String name = String.valueOf(each.getFileName());
      if (!name.startsWith(".") && Files.isRegularFile(each.resolve(Manifest.SUMS))) {
        try {
          found.add(new Whole(name, each, Manifest.read(each)));
        } catch (IOException e) {
          LOG.log(Level.FINE, "not listed: " + each, e);
        }
      }
    }
    found.sort(
        Comparator.comparing((Whole whole) -> whole.manifest().startedAt())
            .thenComparing(Whole::name)
            .reversed());
    return found;
  }

  private List<Path> entries() throws IOException {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> all = Files.list(folder)) {
      return all.filter(Files::isDirectory).toList();
    }
  }

  /**
   * Deletes the oldest beyond this number: renamed first, so that half of one looks like none. The
   * one just made counts as the newest, whatever the clock said when the others were made. What
   * cannot be deleted is logged: that is no fault of the one just made.
   */
  void retire(int keep, Path made) {
    try {
      List<Whole> others = new ArrayList<>(list());
      others.removeIf(whole -> whole.path().equals(made));
      for (Whole old :
          others.subList(Math.min(Math.max(0, keep - 1), others.size()), others.size())) {
        retire(old);
      }
    } catch (IOException | UncheckedIOException e) {
      LOG.log(Level.WARNING, "old backups in " + folder + " were not deleted", e);
    }
  }

  private void retire(Whole old) {
    Path draft = folder.resolve("." + old.name() + DRAFT);
    try {
      files.rename(old.path(), draft);
      files.deleteTree(draft);
    } catch (IOException | UncheckedIOException e) {
      LOG.log(Level.WARNING, "the old backup " + old.path() + " was not deleted", e);
    }
  }

  private boolean lock() throws IOException {
    FileChannel channel =
        FileChannel.open(folder.resolve(LOCK), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    try {
      FileLock taken = channel.tryLock();
      if (taken != null) {
        lock = channel;
        return true;
      }
    } catch (OverlappingFileLockException e) {
      channel.close();
      return false; // a thread of this process has it
    }
    channel.close();
    return false;
  }

  /** Lets others make backups. */
  @Override
  public void close() throws IOException {
    if (lock != null) {
      lock.close();
      lock = null;
    }
  }
}
