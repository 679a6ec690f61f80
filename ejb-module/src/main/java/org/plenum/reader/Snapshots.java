package org.plenum.reader;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;
import org.plenum.group.api.EntryKind;
import org.plenum.reader.SnapshotFile.Anchor;
import org.plenum.update.Update;
import org.plenum.update.UpdateLog;

/**
 * The snapshots of the cache of the room on this node's disk (GRP-5, GRP-6, GRP-7): the newest
 * {@value #KEEP} are kept. A text that is recalled or trimmed away leaves the disk two intervals
 * later at most: by the next two snapshots or, when nothing else changes, by the end of the older
 * one. A fault here is reported and never harms serving: without a snapshot the cache starts empty
 * and fills from the database. One thread at a time.
 */
final class Snapshots {
  private static final Logger LOG = Logger.getLogger(Snapshots.class.getName());
  private static final int KEEP = 2;
  private static final String SUFFIX = ".snapshot";

  private final Path folder;
  private final RoomStore room;
  private final UpdateLog log;
  private final Clock clock;
  private final ReaderMeters meters;

  /** Revision of the last update that took a text away. */
  private volatile long erasedAt;

  private volatile State state = new State(0, null, 0, 0, null);

  /**
   * What is known of the snapshots.
   *
   * @param revision of the newest good one, 0 for none
   * @param at when it was written
   * @param fault why the last attempt failed, or null
   */
  record State(
      long revision, @Nullable Instant at, long values, long bytes, @Nullable String fault) {}

  Snapshots(Path folder, RoomStore room, UpdateLog log, Clock clock, ReaderMeters meters) {
    this.folder = folder;
    this.room = room;
    this.log = log;
    this.clock = clock;
    this.meters = meters;
  }

  State state() {
    return state;
  }

  /** Age of the newest snapshot in seconds, -1 when there is none. */
  double ageSeconds() {
    Instant at = state.at();
    return at == null ? -1 : Duration.between(at, clock.instant()).toMillis() / 1000.0;
  }

  /** Takes note of texts that are taken away. Never blocks. */
  void noteErasures(List<Update> updates) {
    for (Update update : updates) {
      if (update.kind() == EntryKind.MESSAGE_RECALLED
          || update.kind() == EntryKind.HISTORY_TRIMMED) {
        erasedAt = update.revision();
      }
    }
  }

  /**
   * Writes a snapshot when something changed since the last one. Never throws, no Error either: the
   * thread would end, and no snapshot be written any more.
   */
  void write() {
    try {
      removeUnfinished();
      long revision = room.applied();
      if (revision == 0 || revision == state.revision()) {
        retireErased();
        return;
      }
      Optional<Anchor> anchor = anchor(revision);
      if (anchor.isEmpty()) {
        return;
      }
      Files.createDirectories(folder);
      Path file = folder.resolve(name(revision));
      SnapshotFile.Written written =
          SnapshotFile.write(
              file,
              anchor.get(),
              sink -> {
                for (RoomKind kind : RoomKind.values()) {
                  room.forEach(kind, (key, value) -> sink.value(kind, key, value));
                }
              });
      state = new State(revision, clock.instant(), written.values(), written.bytes(), null);
      retire();
    } catch (IOException | RuntimeException | Error e) {
      State last = state;
      if (last.fault() == null) {
        LOG.log(Level.WARNING, "the reader's snapshot cannot be written to " + folder, e);
      }
      meters.snapshotFaults().increment();
      state = new State(last.revision(), last.at(), last.values(), last.bytes(), String.valueOf(e));
    }
  }

  /**
   * Loads the newest good snapshot into the empty cache of the room.
   *
   * @param current the last revision of the database
   * @param limit how far behind it may be
   * @return its revision, 0 when there is none to use. Never throws.
   */
  long load(long current, int limit) {
    // What was taken away since the older ones were written is not known any more: assume the
    // worst.
    erasedAt = current;
    for (Path file : files()) {
      try {
        Anchor anchor = SnapshotFile.verify(file);
        String refusal = refusal(anchor, current, limit);
        if (refusal != null) {
          LOG.warning(() -> "snapshot " + file + " is not used: " + refusal);
          if (foreign(anchor, current)) {
            // It never becomes usable, and may hold what was taken away since.
            Files.deleteIfExists(file);
          }
          continue;
        }
        long[] values = {0};
        SnapshotFile.read(
            file,
            (kind, key, value) -> {
              room.put(kind, key, value);
              values[0]++;
            });
        Instant at = Files.getLastModifiedTime(file).toInstant();
        state = new State(anchor.revision(), at, values[0], Files.size(file), null);
        LOG.info(() -> values[0] + " values as of revision " + anchor.revision() + " from " + file);
        return anchor.revision();
      } catch (IOException | RuntimeException | Error e) {
        // Also one that is too large for the heap: the node starts without it.
        meters.snapshotFaults().increment();
        LOG.log(Level.WARNING, "snapshot " + file + " is refused: " + e.getMessage(), e);
        room.clear();
      }
    }
    return 0;
  }

  private @Nullable String refusal(Anchor anchor, long current, int limit) {
    if (anchor.revision() > current) {
      return "it is ahead of the database (" + anchor.revision() + " > " + current + ")";
    }
    if (current - anchor.revision() > limit) {
      return "it is " + (current - anchor.revision()) + " updates behind";
    }
    if (!anchor(anchor.revision()).equals(Optional.of(anchor))) {
      return "the database has another history";
    }
    return null;
  }

  /** Whether it is surely of another history, not only too old to tell. */
  private boolean foreign(Anchor anchor, long current) {
    return anchor.revision() > current
        || anchor(anchor.revision()).filter(found -> !found.equals(anchor)).isPresent();
  }

  private Optional<Anchor> anchor(long revision) {
    List<Update> found = log.after(revision - 1, 1);
    return found.stream()
        .filter(update -> update.revision() == revision)
        .map(u -> new Anchor(u.revision(), u.epoch(), u.group(), u.seq()))
        .findFirst();
  }

  /** What a process that was killed was writing: nobody finishes it, and it may hold any text. */
  private void removeUnfinished() throws IOException {
    if (Files.isDirectory(folder)) {
      try (DirectoryStream<Path> found =
          Files.newDirectoryStream(folder, "*" + SUFFIX + SnapshotFile.UNFINISHED)) {
        for (Path file : found) {
          Files.deleteIfExists(file);
        }
      }
    }
  }

  /** The snapshots here, newest first. */
  private List<Path> files() {
    List<Path> files = new ArrayList<>();
    if (Files.isDirectory(folder)) {
      try (DirectoryStream<Path> found = Files.newDirectoryStream(folder, "*" + SUFFIX)) {
        found.forEach(files::add);
      } catch (IOException e) {
        LOG.log(Level.WARNING, "the folder of snapshots cannot be read: " + folder, e);
      }
    }
    files.sort(Comparator.comparing((Path file) -> file.getFileName().toString()).reversed());
    return files;
  }

  private static String name(long revision) {
    return String.format(Locale.ROOT, "reader-%019d%s", revision, SUFFIX);
  }

  /** The newest holds nothing that was taken away; those before the last erasure go. */
  private void retireErased() throws IOException {
    long erased = erasedAt;
    if (erased == 0 || state.revision() < erased) {
      return;
    }
    for (Path old : files()) {
      if (old.getFileName().toString().compareTo(name(erased)) < 0) {
        Files.deleteIfExists(old);
      }
    }
  }

  private void retire() throws IOException {
    // Within one history revisions only grow: what is ahead of the newest is of another one.
    for (Path file : files()) {
      if (file.getFileName().toString().compareTo(name(state.revision())) > 0) {
        Files.deleteIfExists(file);
      }
    }
    List<Path> files = files();
    for (Path old : files.subList(Math.min(KEEP, files.size()), files.size())) {
      Files.deleteIfExists(old);
    }
  }
}
