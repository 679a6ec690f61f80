package org.plenum.testkit;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The process of a domain, found by the file in which the domain keeps its id. Stateless and
 * thread-safe.
 */
record DomainProcess(Path domain) {
  static DomainProcess of(Path domain) {
    return new DomainProcess(domain);
  }

  /** The process, if it runs. */
  Optional<ProcessHandle> running() {
    Path file = domain.resolve("config/pid");
    try {
      return Files.exists(file)
          ? ProcessHandle.of(Long.parseLong(Files.readString(file).strip()))
              .filter(this::isOurs)
              .filter(ProcessHandle::isAlive)
          : Optional.empty();
    } catch (IOException | NumberFormatException e) {
      return Optional.empty();
    }
  }

  /** Kills it as a power cut would, and waits for its end; nothing when it does not run. */
  void kill() {
    running()
        .ifPresent(
            process -> {
              process.destroyForcibly();
              process.onExit().join();
            });
  }

  private boolean isOurs(ProcessHandle process) {
    return process
        .info()
        .arguments()
        .map(arguments -> Stream.of(arguments).anyMatch(a -> a.contains(domain.toString())))
        .orElse(true);
  }
}
