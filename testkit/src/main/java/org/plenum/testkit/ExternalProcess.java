package org.plenum.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * Runs one command to its end, its output kept in a file that the error names. Stateless and
 * thread-safe.
 */
public final class ExternalProcess {
  private ExternalProcess() {}

  /**
   * Runs the command and waits for it.
   *
   * @param log where standard output and error go, appended
   * @throws IllegalStateException when it ends with a code other than 0 or takes longer than
   *     allowed; carries the end of the output
   */
  public static void run(
      List<String> command, Map<String, String> environment, Path log, Duration limit) {
    int code = runForCode(command, environment, log, limit);
    if (code != 0) {
      throw new IllegalStateException(
          "%s ended with %d; %s says: %s"
              .formatted(String.join(" ", command), code, log, tail(log)));
    }
  }

  /** As {@link #run}, but the exit code is the caller's to judge. */
  public static int runForCode(
      List<String> command, Map<String, String> environment, Path log, Duration limit) {
    try {
      Files.createDirectories(log.toAbsolutePath().getParent());
      ProcessBuilder builder = new ProcessBuilder(command);
      builder.environment().putAll(environment);
      builder.redirectErrorStream(true);
      builder.redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
      Process process = builder.start();
      process.getOutputStream().close();
      if (!process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
        process.destroyForcibly();
        throw new IllegalStateException(
            "%s took longer than %s; %s says: %s"
                .formatted(String.join(" ", command), limit, log, tail(log)));
      }
      return process.exitValue();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while running " + command, e);
    }
  }

  /** The last 4,000 characters of a log, for error texts. */
  static String tail(Path log) {
    try {
      String text = Files.readString(log);
      return text.substring(Math.max(0, text.length() - 4000));
    } catch (IOException e) {
      return "(unreadable: " + e.getMessage() + ")";
    }
  }
}
