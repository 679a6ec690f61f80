package org.plenum.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A Flight Recorder profile of the server, taken after a measurement while its load goes on, so
 * that the figures are of a server that nobody watches. CPU time samples need a JDK 25 or newer.
 */
final class Profile {
  private static final String SETTINGS =
      """
      <?xml version="1.0" encoding="UTF-8"?>
      <configuration version="2.0" label="bench">
        <event name="jdk.CPUTimeSample"><setting name="enabled">true</setting><setting name="throttle">5ms</setting></event>
        <event name="jdk.ExecutionSample"><setting name="enabled">true</setting><setting name="period">10 ms</setting></event>
        <event name="jdk.NativeMethodSample"><setting name="enabled">true</setting><setting name="period">10 ms</setting></event>
        <event name="jdk.ObjectAllocationSample"><setting name="enabled">true</setting><setting name="throttle">300/s</setting>
          <setting name="stackTrace">true</setting></event>
        <event name="jdk.FileForce"><setting name="enabled">true</setting><setting name="threshold">0 ms</setting></event>
        <event name="jdk.GarbageCollection"><setting name="enabled">true</setting></event>
        <event name="jdk.GCPhasePause"><setting name="enabled">true</setting></event>
        <event name="jdk.Compilation"><setting name="enabled">true</setting><setting name="threshold">50 ms</setting></event>
        <event name="jdk.JavaMonitorEnter"><setting name="enabled">true</setting><setting name="threshold">2 ms</setting>
          <setting name="stackTrace">true</setting></event>
        <event name="jdk.CPULoad"><setting name="enabled">true</setting><setting name="period">1 s</setting></event>
      </configuration>
      """;

  private Profile() {}

  /** Starts a recording of the process. */
  static void start(long pid, Path folder) {
    try {
      Path settings = Files.createDirectories(folder).resolve("bench.jfc");
      Files.writeString(settings, SETTINGS);
      Jcmd.run(Long.toString(pid), "JFR.start", "name=bench", "settings=" + settings);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Ends it and keeps it as {@code folder/name.jfr}. */
  static void stop(long pid, Path folder, String name) {
    Jcmd.run(
        Long.toString(pid),
        "JFR.stop",
        "name=bench",
        "filename=" + folder.resolve(name + ".jfr").toAbsolutePath());
  }
}
