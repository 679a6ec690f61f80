package org.plenum.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A wall clock that one process reads and that is moved while it runs, as an administrator or a
 * time service moves a machine's; what the process measures by the monotonic clock goes on. Needs
 * libfaketime: see {@link #library}. Not thread-safe.
 */
public final class MovableClock {
  private final Path library;
  private final Path file;

  /**
   * A clock that is right for now.
   *
   * @param library of {@link #library}
   * @param file where its offset is kept
   */
  public MovableClock(Path library, Path file) {
    this.library = library;
    this.file = file.toAbsolutePath();
    move(Duration.ZERO);
  }

  /** The library for programs with many threads, where it is installed. */
  public static Optional<Path> library() {
    return Stream.of(
            "/usr/lib/" + System.getProperty("os.arch").replace("amd64", "x86_64") + "-linux-gnu",
            "/usr/lib64",
            "/usr/lib",
            "/usr/local/lib")
        .map(folder -> Path.of(folder, "faketime", "libfaketimeMT.so.1"))
        .filter(Files::isReadable)
        .findFirst();
  }

  /** What the process needs in its environment to read this clock. */
  public Map<String, String> environment() {
    return Map.of(
        "LD_PRELOAD", library.toString(),
        "FAKETIME_TIMESTAMP_FILE", file.toString(),
        "FAKETIME_NO_CACHE", "1",
        "NO_FAKE_STAT", "1",
        // The monotonic clock stays real, and so do the JVM's waits, which are on it: with the
        // library's mend for other C libraries they would all end at once.
        "FAKETIME_DONT_FAKE_MONOTONIC", "1",
        "FAKETIME_FORCE_MONOTONIC_FIX", "0");
  }

  /** From now on the process reads the real time plus this much. */
  public void move(Duration offset) {
    try {
      Path next = file.resolveSibling(file.getFileName() + ".next");
      Files.writeString(next, "%+d\n".formatted(offset.toSeconds()));
      Files.move(next, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
