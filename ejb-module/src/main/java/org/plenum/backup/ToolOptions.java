package org.plenum.backup;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** The options of a command line: a name that begins with two hyphens, and its value. Immutable. */
final class ToolOptions {
  private final Map<String, String> values;

  private ToolOptions(Map<String, String> values) {
    this.values = values;
  }

  /** Those after the first argument, which is the command. */
  static ToolOptions of(String[] arguments) {
    Map<String, String> values = new HashMap<>();
    for (int i = 1; i + 1 < arguments.length; i += 2) {
      values.put(arguments[i].substring(2), arguments[i + 1]);
    }
    return new ToolOptions(Map.copyOf(values));
  }

  Optional<String> find(String name) {
    return Optional.ofNullable(values.get(name));
  }

  String required(String name) throws IOException {
    return find(name).orElseThrow(() -> new IOException("--" + name + " is missing"));
  }

  Path folder(String name) throws IOException {
    return Path.of(required(name)).toAbsolutePath().normalize();
  }

  int number(String name, int otherwise) throws IOException {
    String value = find(name).orElse(Integer.toString(otherwise));
    if (!value.matches("[1-9][0-9]{0,8}")) {
      throw new IOException("--" + name + " takes a number above 0, not '" + value + "'");
    }
    return Integer.parseInt(value);
  }

  Duration seconds(String name, Duration otherwise) throws IOException {
    return Duration.ofSeconds(number(name, (int) otherwise.toSeconds()));
  }

  /** A command of a tool. */
  interface Command {
    void run() throws IOException, SQLException, InterruptedException;
  }

  /** Runs a command; what is wrong is said in one line. Returns the exit code. */
  static int run(Command command, PrintStream err) {
    try {
      command.run();
      return 0;
    } catch (IOException | SQLException e) {
      err.println("plenum: " + e.getMessage());
      return 1;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      err.println("plenum: interrupted");
      return 1;
    }
  }

  /** Bytes, for people. */
  static String size(long bytes) {
    return bytes < 10 << 20
        ? "%d KiB".formatted((bytes + 1023) >> 10)
        : "%d MiB".formatted((bytes + (1 << 20) - 1) >> 20);
  }
}
