package org.plenum.systemtest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Comparator;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.plenum.testkit.PostgresServer;
import org.plenum.testkit.RestClient;
import org.plenum.testkit.SmallDisk;

/**
 * Disks that fill up while people post, and that are given room again. Needs the right to mount.
 */
@OnFaultyPostgres
class FullDiskIT {
  private static final int ROOM = 256;
  private static final long LITTLE = 3L << 20;
  private RestClient ada;
  private RestClient grace;
  private String group;

  @BeforeEach
  void makeGroup(Installation installation) {
    assumeTrue(SmallDisk.isPossible(), "this process may not mount a small disk");
    ada = installation.person("ada");
    grace = installation.person("grace");
    group = Groups.create(ada, "PUBLIC", grace);
  }

  private static void run(PostgresServer postgres, String sql) {
    try (Connection connection = postgres.connect();
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    } catch (SQLException e) {
      throw new IllegalStateException(sql, e);
    }
  }

  @Test
  void writesWaitWhileTheDatabaseHasNoRoomForRowsAndGoOnWithoutARestart(Installation installation) {
    PostgresServer postgres = installation.postgres();
    Path folder = postgres.directory().resolve("small");
    try (SmallDisk disk =
        SmallDisk.mount(folder, ROOM, postgres.directory().resolve("mounts.log"))) {
      run(postgres, "CREATE TABLESPACE small LOCATION '" + disk.folder() + "'");
      run(postgres, "ALTER TABLE timeline_entry SET TABLESPACE small");
      try {
        disk.leave(LITTLE);
        new FullDiskPosts(ada, grace, group).past(() -> disk.grow(ROOM));
      } finally {
        disk.grow(ROOM);
        run(postgres, "ALTER TABLE timeline_entry SET TABLESPACE pg_default");
        run(postgres, "DROP TABLESPACE small");
      }
    }
  }

  /** Without room for its log PostgreSQL stops: an administrator makes room and starts it. */
  @Test
  void nothingAcknowledgedIsLostWhenTheDatabaseHasNoRoomForItsLog(Installation installation)
      throws IOException {
    PostgresServer postgres = installation.postgres();
    Path wal = postgres.directory().resolve("data/pg_wal");
    Path folder = postgres.directory().resolve("small-wal");
    try (SmallDisk disk =
        SmallDisk.mount(folder, ROOM, postgres.directory().resolve("mounts.log"))) {
      String current = freshSegment(postgres);
      postgres.stop();
      dropSegmentsAfter(wal, current);
      moveTo(wal, disk.folder());
      Files.delete(wal);
      Files.createSymbolicLink(wal, disk.folder());
      postgres.start();
      try {
        disk.leave(0);
        new FullDiskPosts(ada, grace, group)
            .past(
                () -> {
                  disk.grow(ROOM);
                  if (!postgres.isRunning()) {
                    postgres.start();
                  }
                });
      } finally {
        disk.grow(ROOM);
        if (postgres.isRunning()) {
          postgres.stop();
        }
        Files.delete(wal);
        Files.createDirectory(wal);
        moveTo(disk.folder(), wal);
        postgres.start();
      }
    }
  }

  /** Starts a segment of the log, so that what a stop writes is in it; returns its name. */
  private static String freshSegment(PostgresServer postgres) {
    run(postgres, "SELECT pg_switch_wal()");
    run(postgres, "CHECKPOINT");
    try (Connection connection = postgres.connect();
        Statement statement = connection.createStatement();
        ResultSet result =
            statement.executeQuery("SELECT pg_walfile_name(pg_current_wal_insert_lsn())")) {
      result.next();
      return result.getString(1);
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Segments that were made for later, which would give room. */
  private static void dropSegmentsAfter(Path wal, String current) throws IOException {
    try (Stream<Path> files = Files.list(wal)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        if (file.getFileName().toString().compareTo(current) > 0) {
          Files.delete(file);
        }
      }
    }
  }

  private static void moveTo(Path from, Path to) throws IOException {
    try (Stream<Path> found = Files.walk(from)) {
      for (Path source : found.toList()) {
        Path target = to.resolve(from.relativize(source));
        if (Files.isDirectory(source)) {
          Files.createDirectories(target);
        } else {
          Files.copy(source, target);
        }
      }
    }
    try (Stream<Path> found = Files.walk(from)) {
      for (Path source : found.sorted(Comparator.reverseOrder()).toList()) {
        if (!source.equals(from)) {
          Files.delete(source);
        }
      }
    }
  }

  @Test
  void aFullSnapshotFolderIsReportedAndPeopleGoOnChatting(Installation installation) {
    Path folder = installation.server().domain().resolve("plenum/reader");
    try (SmallDisk disk =
        SmallDisk.mount(folder, 1, installation.postgres().directory().resolve("mounts.log"))) {
      fill(disk.folder().resolve("ballast"));
      double faults = Metrics.of(installation.server(), "reader_snapshot_faults_total");
      await()
          .atMost(Duration.ofSeconds(60))
          .until(
              () -> {
                Groups.post(ada, group, "while the folder is full");
                return Metrics.of(installation.server(), "reader_snapshot_faults_total") > faults;
              });
      assertThat(installation.server().status("/health/ready")).isEqualTo(200);
      // Health is answered from a look that may be a second old.
      await()
          .atMost(Duration.ofSeconds(20))
          .until(() -> installation.server().text("/health").contains("snapshotFault"));
      assertThat(Groups.texts(Groups.history(grace, group))).isNotEmpty();

      disk.grow(ROOM);
      await()
          .atMost(Duration.ofSeconds(60))
          .until(
              () -> {
                Groups.post(ada, group, "there is room again");
                return !installation.server().text("/health").contains("snapshotFault");
              });
    }
  }

  private static void fill(Path ballast) {
    try {
      Files.write(ballast, new byte[(1 << 20) - (16 << 10)]);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
