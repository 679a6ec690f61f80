package org.plenum.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * CPU time from {@code /proc}, in seconds: of a process with all its descendants, those that ended
 * included, and of the whole machine. A tick is 10 ms.
 */
final class CpuClock {
  private static final double TICKS = 100;

  private CpuClock() {}

  /** User and system time of the process and its descendants. */
  static double ofTree(ProcessHandle root) {
    return Stream.concat(Stream.of(root), root.descendants())
        .mapToDouble(process -> ofProcess(process.pid()))
        .sum();
  }

  private static double ofProcess(long pid) {
    try {
      String stat = Files.readString(Path.of("/proc/" + pid + "/stat"));
      String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
      // utime, stime, and those of children that were waited for
      return Stream.of(11, 12, 13, 14).mapToLong(i -> Long.parseLong(fields[i])).sum() / TICKS;
    } catch (IOException e) {
      return 0;
    }
  }

  /** Time all cores were busy with anything. */
  static double ofMachine() {
    try {
      List<String> lines = Files.readAllLines(Path.of("/proc/stat"));
      String[] fields = lines.get(0).trim().split(" +", -1);
      long busy = 0;
      for (int i = 1; i <= 8; i++) {
        if (i != 4 && i != 5) {
          busy += Long.parseLong(fields[i]);
        }
      }
      return busy / TICKS;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** What was used between two readings. */
  record Reading(double server, double database, double load, double machine, long nanos) {
    static Reading now(ProcessHandle server, ProcessHandle database) {
      double load = ofProcess(ProcessHandle.current().pid());
      return new Reading(ofTree(server), ofTree(database), load, ofMachine(), System.nanoTime());
    }

    Reading since(Reading earlier) {
      return new Reading(
          server - earlier.server,
          database - earlier.database,
          load - earlier.load,
          machine - earlier.machine,
          nanos - earlier.nanos);
    }

    /** The part of the whole machine that a CPU time is, in percent. */
    double percent(double seconds) {
      return 100 * seconds / (nanos / 1e9 * Runtime.getRuntime().availableProcessors());
    }
  }
}
