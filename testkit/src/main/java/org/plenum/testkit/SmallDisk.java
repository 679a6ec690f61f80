package org.plenum.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * A small file system of its own (tmpfs) that can be filled up and given room again. Needs the
 * right to mount: see {@link #isPossible}. Unmounted by {@link #close} and, whatever happens, by a
 * shutdown hook. Not thread-safe.
 */
public final class SmallDisk implements AutoCloseable {
  private static final Duration LIMIT = Duration.ofSeconds(20);
  private static final long MEBIBYTE = 1L << 20;

  private final Path folder;
  private final Path log;
  private final Thread hook = new Thread(this::unmount, "unmount");

  private SmallDisk(Path folder, Path log) {
    this.folder = folder;
    this.log = log;
  }

  /** Whether this process may mount. */
  public static boolean isPossible() {
    return "root".equals(System.getProperty("user.name"));
  }

  /**
   * Mounts a file system on a folder, made when there is none; what is in the folder is hidden.
   *
   * @param mebibytes its size in MiB
   * @param log where the commands' output goes
   */
  public static SmallDisk mount(Path folder, int mebibytes, Path log) {
    try {
      Files.createDirectories(folder);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    SmallDisk disk = new SmallDisk(folder, log);
    disk.run("mount", "-t", "tmpfs", "-o", "size=" + mebibytes + "m", "tmpfs", folder.toString());
    Runtime.getRuntime().addShutdownHook(disk.hook);
    return disk;
  }

  /** The mounted folder. */
  public Path folder() {
    return folder;
  }

  /** Leaves room for this many bytes and no more. */
  public void leave(long bytes) {
    try {
      long total = Files.getFileStore(folder).getTotalSpace();
      long used = total - Files.getFileStore(folder).getUsableSpace();
      resize(used + bytes);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Gives room: the file system has this size from now on. */
  public void grow(int mebibytes) {
    resize(mebibytes * MEBIBYTE);
  }

  private void resize(long bytes) {
    run("mount", "-o", "remount,size=" + bytes, folder.toString());
  }

  private void run(String... command) {
    ExternalProcess.run(List.of(command), Map.of(), log, LIMIT);
  }

  private void unmount() {
    ExternalProcess.runForCode(List.of("umount", "-l", folder.toString()), Map.of(), log, LIMIT);
  }

  @Override
  public void close() {
    Runtime.getRuntime().removeShutdownHook(hook);
    unmount();
  }
}
