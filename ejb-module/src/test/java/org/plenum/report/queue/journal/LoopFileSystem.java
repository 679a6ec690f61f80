package org.plenum.report.queue.journal;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A file system (ext4) in a file, which can lose power: what was not synced is gone for good. For
 * that it is shut down by the ioctl that xfstests use, without writing anything back.
 */
final class LoopFileSystem implements AutoCloseable {
  private static final String EXT4_IOC_SHUTDOWN =
      "open(my $f, '<', $ARGV[0]) or die $!; my $how = pack('L', 2);"
          + " defined(ioctl($f, 0x8004587d, $how)) or die $!";

  private final Path image;
  private final Path folder;

  private LoopFileSystem(Path image, Path folder) {
    this.image = image;
    this.folder = folder;
  }

  /** Why this machine cannot do it, or empty. */
  static String whatIsMissing(Path scratch) {
    if (!"root".equals(System.getProperty("user.name"))) {
      return "only root may mount a loop device";
    }
    try (LoopFileSystem tried = make(scratch, 8)) {
      tried.losePower();
      return "";
    } catch (IOException | IllegalStateException e) {
      return "no loop device, ext4 or its shutdown here: " + e.getMessage();
    }
  }

  static LoopFileSystem make(Path scratch, int mebibytes) throws IOException {
    Path image = Files.createTempFile(scratch, "image", ".ext4");
    Path folder = Files.createTempDirectory(scratch, "mounted");
    run("truncate", "-s", mebibytes + "M", image.toString());
    run("mkfs.ext4", "-q", "-F", image.toString());
    LoopFileSystem made = new LoopFileSystem(image, folder);
    made.mount();
    return made;
  }

  Path folder() {
    return folder;
  }

  private void mount() throws IOException {
    run("mount", "-o", "loop", image.toString(), folder.toString());
  }

  /** From now on every operation fails; nothing that is not on the disk will get there. */
  void losePower() throws IOException {
    run("perl", "-e", EXT4_IOC_SHUTDOWN, folder.toString());
  }

  /** Mounts again what is on the disk. Nobody may have a file open. */
  void powerOn() throws IOException {
    run("umount", folder.toString());
    mount();
  }

  private static void run(String... command) throws IOException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    try {
      process.getOutputStream().close();
      String said = new String(process.getInputStream().readAllBytes());
      if (!process.waitFor(20, TimeUnit.SECONDS) || process.exitValue() != 0) {
        process.destroyForcibly();
        throw new IllegalStateException(List.of(command) + ": " + said);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException(e);
    }
  }

  @Override
  public void close() throws IOException {
    run("umount", "-l", folder.toString());
    Files.delete(image);
    Files.delete(folder);
  }
}
