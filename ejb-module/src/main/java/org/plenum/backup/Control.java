package org.plenum.backup;

import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermission;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import org.plenum.platform.config.DataFolder;

/**
 * How the command line asks a running server for a backup: by a file in a folder that the server's
 * user alone can write. Who can put a file there can read the database's file anyway, so this gives
 * nobody any rights, needs no password on any command line, and opens nothing to the network.
 */
final class Control {
  private static final String REQUEST = "backup-request";
  private static final String STATUS = "backup-status";
  private static final String NOTE = "backup-elsewhere";

  private final Path folder;
  private final Path unfinished;
  private final DurableFiles files = new DurableFiles();

  /** Fill this draft. */
  record Request(String id, Path into) {}

  /**
   * How far a request is.
   *
   * @param state FILLING, FILLED or FAILED
   */
  record Status(
      String id, String state, String product, String schema, long revision, String problem) {}

  Control(Path data) {
    this.folder = data.resolve(Layout.CONTROL);
    this.unfinished = data.resolve(DataFolder.UNFINISHED_RESTORE);
  }

  /** Makes the folder, for its owner alone. */
  void prepare() throws IOException {
    files.makeFolder(folder);
    DurableFiles.ownersAlone(folder, "rwx------");
  }

  /** Leaves a request for the server. */
  void ask(Request request) throws IOException {
    files.write(
        folder.resolve(REQUEST),
        "id=" + request.id() + "\ninto=" + request.into().toString().replace("\\", "\\\\") + "\n");
  }

  /** Takes a request back that the server did not take. */
  boolean takeBack() throws IOException {
    return Files.deleteIfExists(folder.resolve(REQUEST));
  }

  /**
   * Takes the request that waits. One that is refused is told so; nothing is written where others
   * can write, because what they put there could lead it elsewhere.
   *
   * @throws IOException when there is one that must not be followed
   */
  Optional<Request> take() throws IOException {
    Path file = folder.resolve(REQUEST);
    if (!Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
      return Optional.empty();
    }
    if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS) || writableByOthers()) {
      Files.delete(file);
      throw new IOException(
          folder + " can be written by others than its owner: a request for a backup is ignored");
    }
    Properties found = load(file);
    Files.delete(file);
    String id = found.getProperty("id", "");
    Path into = Path.of(found.getProperty("into", ""));
    if (!BackupFolder.isDraft(into)
        || !into.isAbsolute()
        || !Files.isDirectory(into, LinkOption.NOFOLLOW_LINKS)) {
      String problem = "a request for a backup names no draft: " + into;
      tell(new Status(id, "FAILED", "", "", 0, problem));
      throw new IOException(problem);
    }
    return Optional.of(new Request(id, into));
  }

  private boolean writableByOthers() throws IOException {
    PosixFileAttributeView view = Files.getFileAttributeView(folder, PosixFileAttributeView.class);
    if (view == null) {
      return false;
    }
    Set<PosixFilePermission> permissions = view.readAttributes().permissions();
    return permissions.contains(PosixFilePermission.GROUP_WRITE)
        || permissions.contains(PosixFilePermission.OTHERS_WRITE);
  }

  /** Tells the command line. */
  void tell(Status status) throws IOException {
    files.write(
        folder.resolve(STATUS),
        "id=%s\nstate=%s\nproduct=%s\nschema=%s\nrevision=%d\nproblem=%s\n"
            .formatted(
                status.id(),
                status.state(),
                status.product(),
                status.schema(),
                status.revision(),
                status.problem().replace("\\", "\\\\").replaceAll("\\R", " ")));
  }

  /** What the server told last. */
  Optional<Status> told() throws IOException {
    try {
      Properties found = load(folder.resolve(STATUS));
      return Optional.of(
          new Status(
              found.getProperty("id", ""),
              found.getProperty("state", ""),
              found.getProperty("product", ""),
              found.getProperty("schema", ""),
              Long.parseLong(found.getProperty("revision", "0")),
              found.getProperty("problem", "")));
    } catch (NoSuchFileException e) {
      return Optional.empty(); // nothing yet
    }
  }

  private static Properties load(Path file) throws IOException {
    Properties found = new Properties();
    found.load(new StringReader(Files.readString(file)));
    return found;
  }

  /** Tells the server of a backup outside of its own folder, so that it knows how old it is. */
  void note(Path backup, Instant begun) throws IOException {
    files.write(
        folder.resolve(NOTE),
        "backup=%s\nbegun=%s\n".formatted(backup.toString().replace("\\", "\\\\"), begun));
  }

  /** When the backup was begun that was noted last, if it is still there. */
  Optional<Instant> noted() throws IOException {
    try {
      Properties found = load(folder.resolve(NOTE));
      return Files.isRegularFile(Path.of(found.getProperty("backup", "")).resolve(Manifest.SUMS))
          ? Optional.of(Instant.parse(found.getProperty("begun", "")))
          : Optional.empty();
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (DateTimeException e) {
      throw new IOException(folder.resolve(NOTE) + " is damaged: " + e.getMessage(), e);
    }
  }

  /** Says that the node's files are half of the one state and half of another. */
  void beginRestore(DurableFiles durable, String backup) throws IOException {
    durable.write(unfinished, backup + "\n");
  }

  /** The files are of one state again. */
  void endRestore(DurableFiles durable) throws IOException {
    durable.delete(unfinished);
  }

  /** The backup whose restore was interrupted. */
  Optional<String> unfinishedRestore() throws IOException {
    return Files.exists(unfinished)
        ? Optional.of(Files.readString(unfinished).strip())
        : Optional.empty();
  }
}
