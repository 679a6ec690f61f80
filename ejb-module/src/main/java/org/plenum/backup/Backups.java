package org.plenum.backup;

import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.plenum.backup.api.Backup;
import org.plenum.backup.api.BackupService;
import org.plenum.platform.ErrorCode;
import org.plenum.platform.ProductVersion;
import org.plenum.platform.ServiceException;

/** The backups that this server makes: asked for over the API, or by the command line. */
final class Backups implements BackupService {
  private static final Logger LOG = Logger.getLogger(Backups.class.getName());

  private final BackupConfig config;
  private final String product;
  private final Filling filling;
  private final Control control;
  private final DurableFiles files;
  private final Executor executor;
  private final Clock clock;
  private final AtomicBoolean busy = new AtomicBoolean();
  private volatile @Nullable Running running;
  private volatile @Nullable Backup failed;
  private volatile @Nullable Instant newest;

  private record Running(String name, Path draft, Instant since) {}

  Backups(
      BackupConfig config,
      String product,
      Filling filling,
      Control control,
      DurableFiles files,
      Executor executor,
      Clock clock) {
    this.config = config;
    this.product = product;
    this.filling = filling;
    this.control = control;
    this.files = files;
    this.executor = executor;
    this.clock = clock;
  }

  @Override
  public Backup begin() {
    if (!product.equals(DatabaseFacts.H2)) {
      throw new ServiceException(
          ErrorCode.BACKUP_ELSEWHERE,
          "PostgreSQL is backed up by pg_dump or pg_basebackup; './plenum backup' runs pg_dump and"
              + " adds the journal of reports and the signing key (docs/admin-guide.md, Backup)");
    }
    if (!busy.compareAndSet(false, true)) {
      throw alreadyRunning();
    }
    BackupFolder folder = new BackupFolder(config.folder(), files);
    boolean begun = false;
    try {
      Instant now = clock.instant();
      Path draft = folder.begin(now);
      if (draft == null) {
        throw alreadyRunning();
      }
      Running started = new Running(BackupFolder.nameOf(draft), draft, now);
      running = started;
      executor.execute(() -> run(folder, started));
      begun = true;
      return view(started);
    } catch (IOException e) {
      throw new ServiceException(
          ErrorCode.READ_UNAVAILABLE,
          "no backup can be begun in " + config.folder() + ": " + e,
          null,
          e);
    } finally {
      if (!begun) {
        running = null;
        end(folder);
      }
    }
  }

  private static ServiceException alreadyRunning() {
    return new ServiceException(
        ErrorCode.BACKUP_RUNNING, "another backup is being made; GET /backups shows it");
  }

  private void run(BackupFolder folder, Running started) {
    try {
      DatabaseFacts facts = filling.fill(started.draft());
      Manifest manifest =
          new Manifest(
              ProductVersion.TEXT,
              facts.product(),
              facts.schema(),
              facts.revision(),
              true,
              started.since(),
              Duration.between(started.since(), clock.instant()));
      Path whole = folder.complete(started.draft(), manifest);
      failed = null;
      newest = started.since();
      LOG.info(() -> "backup " + whole + " holds revision " + facts.revision());
      folder.retire(config.keep(), whole);
    } catch (IOException | SQLException | RuntimeException | Error e) {
      LOG.log(Level.WARNING, "the backup " + started.name() + " failed", e);
      failed =
          new Backup(
              started.name(),
              Backup.State.FAILED,
              started.since(),
              seconds(Duration.between(started.since(), clock.instant())),
              0,
              0,
              String.valueOf(e.getMessage()));
      folder.abandon(started.draft());
    } finally {
      running = null;
      end(folder);
    }
  }

  private void end(BackupFolder folder) {
    busy.set(false);
    try {
      folder.close();
    } catch (IOException e) {
      LOG.log(Level.WARNING, "the lock of the backups was not given back", e);
    }
  }

  @Override
  public List<Backup> list() {
    List<Backup> found = new ArrayList<>();
    Running now = running;
    if (now != null) {
      found.add(view(now));
    }
    Backup last = failed;
    if (last != null) {
      found.add(last);
    }
    try {
      for (BackupFolder.Whole whole : new BackupFolder(config.folder(), files).list()) {
        Manifest manifest = whole.manifest();
        found.add(
            new Backup(
                whole.name(),
                Backup.State.COMPLETE,
                manifest.startedAt(),
                seconds(manifest.took()),
                DurableFiles.sizeOf(whole.path()),
                manifest.revision(),
                null));
      }
    } catch (IOException e) {
      throw new ServiceException(
          ErrorCode.READ_UNAVAILABLE, "the folder of backups cannot be read: " + e, null, e);
    }
    return found;
  }

  /** Looks for the newest whole backup in the folder, whoever made it, and for one of a cluster. */
  void look() {
    try {
      newest =
          Stream.concat(
                  new BackupFolder(config.folder(), files)
                      .list().stream().map(whole -> whole.manifest().startedAt()),
                  control.noted().stream())
              .max(Comparator.naturalOrder())
              .orElse(null);
    } catch (IOException e) {
      LOG.log(Level.WARNING, "the folder of backups cannot be read: " + config.folder(), e);
    }
  }

  /** Seconds since the newest whole backup was begun, as of the last look; -1 for none. */
  double ageSeconds() {
    Instant begun = newest;
    return begun == null ? -1 : Math.max(0, seconds(Duration.between(begun, clock.instant())));
  }

  /** Whether the last backup that was asked for over the API failed. */
  boolean lastFailed() {
    return failed != null;
  }

  private Backup view(Running now) {
    long bytes = 0;
    try {
      bytes = DurableFiles.sizeOf(now.draft());
    } catch (IOException e) {
      LOG.log(Level.FINE, "the size of the draft is not known", e);
    }
    return new Backup(
        now.name(),
        Backup.State.RUNNING,
        now.since(),
        seconds(Duration.between(now.since(), clock.instant())),
        bytes,
        0,
        null);
  }

  private static double seconds(Duration took) {
    return took.toMillis() / 1000.0;
  }

  /** Does what the command line asks for, if it does. Called again and again by one thread. */
  void serveCommandLine() throws IOException {
    Control.Request request = control.take().orElse(null);
    if (request == null) {
      return;
    }
    if (!busy.compareAndSet(false, true)) {
      control.tell(failure(request, "another backup is being made"));
      return;
    }
    try {
      control.tell(new Control.Status(request.id(), "FILLING", product, "", 0, ""));
      DatabaseFacts facts = filling.fill(request.into());
      control.tell(
          new Control.Status(
              request.id(), "FILLED", facts.product(), facts.schema(), facts.revision(), ""));
    } catch (IOException | SQLException | RuntimeException | Error e) {
      LOG.log(Level.WARNING, "a backup into " + request.into() + " failed", e);
      control.tell(failure(request, String.valueOf(e.getMessage())));
    } finally {
      busy.set(false);
    }
  }

  private Control.Status failure(Control.Request request, String problem) {
    return new Control.Status(request.id(), "FAILED", product, "", 0, problem);
  }
}
