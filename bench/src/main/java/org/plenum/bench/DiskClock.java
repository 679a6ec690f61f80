package org.plenum.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * What the disks of the machine did so far, from {@code /sys/block}: bytes written, flushes that
 * were waited for, and milliseconds in which the busiest of them had something to do.
 */
record DiskClock(long written, long flushes, long busyMillis, long nanos) {
  private static final int SECTOR = 512;

  static DiskClock now() {
    long written = 0;
    long flushes = 0;
    long busy = 0;
    try (Stream<Path> disks = Files.list(Path.of("/sys/block"))) {
      for (Path disk : disks.filter(DiskClock::isDisk).toList()) {
        String[] fields = Files.readString(disk.resolve("stat")).trim().split(" +", -1);
        written += Long.parseLong(fields[6]) * SECTOR;
        busy = Math.max(busy, Long.parseLong(fields[9]));
        flushes += fields.length > 15 ? Long.parseLong(fields[15]) : 0;
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return new DiskClock(written, flushes, busy, System.nanoTime());
  }

  /** A loop device or one in memory is written through another one, or not at all. */
  private static boolean isDisk(Path device) {
    return !device.toString().matches("/sys/block/(loop|ram|zram|dm-|sr).*");
  }

  /** What was done since an earlier look, in words. */
  String since(DiskClock earlier) {
    double seconds = (nanos - earlier.nanos) / 1e9;
    return String.format(
        Locale.ROOT,
        "%.0f MB/s written, %.0f flushes/s, busy %.0f %%",
        (written - earlier.written) / 1e6 / seconds,
        (flushes - earlier.flushes) / seconds,
        (busyMillis - earlier.busyMillis) / 10.0 / seconds);
  }
}
