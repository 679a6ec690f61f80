package org.plenum.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.locks.ReentrantLock;

/**
 * What only one thread of all processes of a build does at a time. Not reentrant; given back by the
 * system when a process dies. Thread-safe.
 */
final class MachineLock {
  /** Makes the domain that all servers are copies of. */
  static final MachineLock TEMPLATE = new MachineLock("template");

  /** Starts a server. */
  static final MachineLock STARTS = new MachineLock("starts");

  private final String name;
  private final ReentrantLock inThisProcess = new ReentrantLock();

  private MachineLock(String name) {
    this.name = name;
  }

  /**
   * Runs the task, alone among all that hold this lock.
   *
   * @param project the root of the source tree; the lock is a file in its {@code target}
   */
  void during(Path project, Runnable task) {
    inThisProcess.lock();
    try {
      Path folder = Files.createDirectories(project.toAbsolutePath().resolve("target/locks"));
      try (FileChannel file =
              FileChannel.open(
                  folder.resolve(name), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
          FileLock lock = file.lock()) {
        if (!lock.isValid()) {
          throw new IllegalStateException("no lock on " + folder);
        }
        task.run();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } finally {
      inThisProcess.unlock();
    }
  }
}
