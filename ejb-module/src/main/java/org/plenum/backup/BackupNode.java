package org.plenum.backup;

import jakarta.annotation.PostConstruct;
import jakarta.annotation.PreDestroy;
import jakarta.annotation.Resource;
import jakarta.enterprise.concurrent.ManagedThreadFactory;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.logging.Level;
import java.util.logging.Logger;
import javax.sql.DataSource;
import org.eclipse.microprofile.config.Config;
import org.jspecify.annotations.Nullable;
import org.plenum.backup.api.Backup;
import org.plenum.backup.api.BackupService;
import org.plenum.platform.ErrorCode;
import org.plenum.platform.ServiceException;
import org.plenum.platform.config.DataFolder;
import org.plenum.platform.config.KnownConfig;
import org.plenum.platform.metrics.Meters;
import org.plenum.report.api.ReportBackup;

/** The backups of this node: makes the parts, and watches for requests of the command line. */
@ApplicationScoped
public class BackupNode implements BackupService {
  private static final Logger LOG = Logger.getLogger(BackupNode.class.getName());
  private static final Duration LOOK = Duration.ofMillis(500);
  private static final int FOLDER_EVERY = 120;
  private static final Duration JOIN = Duration.ofSeconds(5);

  /** Of the web module, which this module does not see. */
  private static final String KEY_FILE = "plenum.auth.signing-key-file";

  private static final String SNAPSHOTS = "plenum.reader.snapshot-folder";

  @Inject private ReportBackup reports;
  @Inject private Meters meters;

  @Resource(lookup = "jdbc/plenum")
  private DataSource dataSource;

  @Resource(lookup = "java:comp/DefaultManagedThreadFactory")
  private ManagedThreadFactory threads;

  private final CountDownLatch stop = new CountDownLatch(1);
  private @Nullable Backups backups;
  private @Nullable Thread watcher;

  @PostConstruct
  void start() {
    Config config = KnownConfig.get();
    Path data = DataFolder.of(config).toAbsolutePath().normalize();
    BackupConfig own = BackupConfig.from(config);
    Control control = new Control(data);
    DurableFiles files = new DurableFiles();
    Layout standard = Layout.standard(data);
    Path keyFile = path(config, KEY_FILE, standard.keyFile());
    String product;
    try (Connection connection = dataSource.getConnection()) {
      product = connection.getMetaData().getDatabaseProductName().toLowerCase(Locale.ROOT);
      control.prepare();
      new Layout(
              product,
              product.equals(DatabaseFacts.H2) ? H2Copy.file(connection) : standard.database(),
              keyFile,
              reports.folder(),
              path(config, SNAPSHOTS, standard.reader()),
              own.folder(),
              own.keep())
          .write(data, files);
    } catch (IOException | SQLException e) {
      throw new ServiceException(
          ErrorCode.READ_UNAVAILABLE, "backups cannot be prepared in " + data + ": " + e, null, e);
    }
    Backups made =
        new Backups(
            own,
            product,
            new Filling(dataSource, reports, keyFile, own.reserveBytes(), files),
            control,
            files,
            task -> thread("plenum-backup", task).start(),
            Clock.systemUTC());
    backups = made;
    made.look();
    meters.gauge(
        "backup_age_seconds",
        "Age of the newest backup in this node's folder, -1 for none",
        made::ageSeconds);
    meters.gauge(
        "backup_failed",
        "1 when the last backup asked for over the API failed",
        () -> made.lastFailed() ? 1 : 0);
    Thread started = thread("plenum-backup-requests", () -> watch(made));
    watcher = started;
    started.start();
  }

  private static Path path(Config config, String key, Path otherwise) {
    return config
        .getOptionalValue(key, String.class)
        .map(String::strip)
        .filter(value -> !value.isEmpty())
        .map(Path::of)
        .orElse(otherwise);
  }

  private Thread thread(String name, Runnable task) {
    Thread thread = threads.newThread(task);
    thread.setName(name);
    return thread;
  }

  private void watch(Backups made) {
    int looks = 0;
    try {
      while (!stop.await(LOOK.toMillis(), TimeUnit.MILLISECONDS)) {
        try {
          if (++looks % FOLDER_EVERY == 0) {
            made.look();
          }
          made.serveCommandLine();
        } catch (IOException | RuntimeException e) {
          LOG.log(Level.WARNING, "a request for a backup was not answered", e);
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Nothing to do: the call makes the bean, and so starts it. */
  void ready() {}

  @PreDestroy
  void stop() {
    stop.countDown();
    Thread last = watcher;
    try {
      if (last != null && !last.join(JOIN)) {
        LOG.warning("a backup is still being made; it is given up with the server's end");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private Backups backups() {
    if (backups == null) {
      throw new IllegalStateException("backups are not started");
    }
    return backups;
  }

  @Override
  public Backup begin() {
    return backups().begin();
  }

  @Override
  public List<Backup> list() {
    return backups().list();
  }
}
