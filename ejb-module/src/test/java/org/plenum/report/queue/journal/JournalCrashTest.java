package org.plenum.report.queue.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A real process is killed (SIGKILL) at each named step, or loses its disk; whatever its
 * acknowledgement log says is there afterwards: in its place, once, with its content.
 */
class JournalCrashTest {
  private static final Duration LIMIT = Duration.ofSeconds(60);

  @TempDir private Path scratch;

  private final QueueLog log = new QueueLog();
  private final List<Process> children = new ArrayList<>();

  @AfterEach
  void nothingIsLeftRunning() {
    children.forEach(Process::destroyForcibly);
  }

  private Process start(Path folder, String step, int occurrence, List<String> before)
      throws IOException {
    List<String> command = new ArrayList<>(before);
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-Xmx64m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"));
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.addAll(List.of(QueueProcess.class.getName(), folder.toString()));
    command.addAll(List.of(Long.toString(log.numbers()), step, Integer.toString(occurrence)));
    Process child =
        new ProcessBuilder(command)
            .redirectError(scratch.resolve("errors").toFile())
            .redirectOutput(ProcessBuilder.Redirect.PIPE)
            .start();
    children.add(child);
    return child;
  }

  /** Reads the log of a child; kills it at the first line that is asked for; reads to the end. */
  private void readAndKill(Process child, Predicate<String> last, Runnable before)
      throws IOException, InterruptedException {
    boolean killed = false;
    int lines = 0;
    try (BufferedReader said =
        new BufferedReader(new InputStreamReader(child.getInputStream(), StandardCharsets.UTF_8))) {
      for (String line = said.readLine(); line != null; line = said.readLine()) {
        log.note(line);
        lines++;
        if (!killed && last.test(line)) {
          before.run();
          child.toHandle().destroyForcibly(); // SIGKILL; what is in the pipe is still to be read
          killed = true;
        }
      }
    }
    assertThat(child.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS)).isTrue();
    assertThat(killed)
        .as("%d lines; %s", lines, Files.readString(scratch.resolve("errors")))
        .isTrue();
  }

  /** All that was acknowledged and is not done with. */
  private void verify(Path folder) throws IOException {
    JournalOptions options = new JournalOptions("checker", 16 << 10, Duration.ZERO);
    try (JournalStore store =
        new JournalStore(
            new FileSystemDisk(folder), options, Clock.systemUTC(), step -> {}, false)) {
      log.verify(store, store.open());
    }
  }

  @ParameterizedTest
  @EnumSource(Step.class)
  void aProcessThatIsKilledAtAStepLosesNothing(Step step) throws Exception {
    Map<Step, Integer> occurrences = new EnumMap<>(Step.class);
    occurrences.put(Step.SEGMENT_FILLED, 3);
    occurrences.put(Step.SEGMENT_NAMED, 3);
    occurrences.put(Step.SEGMENT_DISCARDED, 2);
    occurrences.put(Step.DEAD_LETTER_WRITTEN, 2);
    occurrences.put(Step.DEAD_LETTER_FORCED, 2);
    occurrences.put(Step.CURSORS_WRITTEN, 6);
    occurrences.put(Step.CURSORS_FORCED, 6);
    Path folder = scratch.resolve("journal");
    for (int life = 0; life < 2; life++) {
      int occurrence = occurrences.getOrDefault(step, 40) + life;
      Process child = start(folder, step.name(), occurrence, List.of());
      readAndKill(child, "stop"::equals, () -> {});
      verify(folder);
    }
    assertThat(log.acknowledged()).isPositive();
  }

  @Test
  void aProcessThatIsKilledAtAnyMomentLosesNothing() throws Exception {
    Path folder = scratch.resolve("journal");
    for (int life = 1; life <= 3; life++) {
      long enough = log.acknowledged() + 137L * life;
      Process child = start(folder, "none", 0, List.of());
      readAndKill(child, line -> log.acknowledged() >= enough, () -> {});
      verify(folder);
    }
  }

  @Test
  void whatWasNotSyncedIsReallyLostAndNothingAcknowledgedIsAmongIt() throws Exception {
    assumeThat(LoopFileSystem.whatIsMissing(scratch)).isEmpty();
    try (LoopFileSystem disk = LoopFileSystem.make(scratch, 64)) {
      Path folder = disk.folder().resolve("deep").resolve("journal");
      for (int life = 1; life <= 4; life++) {
        long enough = log.acknowledged() + 150L * life;
        Path witness = disk.folder().resolve("witness-" + life);
        boolean[] lost = new boolean[1];
        Process child = start(folder, "none", 0, List.of());
        readAndKill(
            child,
            line -> {
              if (!lost[0] && log.acknowledged() >= enough) {
                lost[0] = true;
                losePower(disk, witness);
              }
              return lost[0] && line.startsWith("f ");
            },
            () -> {});
        disk.powerOn();
        assertThat(Files.exists(witness) && Files.size(witness) > 0)
            .as("what nobody synced is there")
            .isFalse();
        verify(folder);
      }
      assertThat(log.refused("STORAGE_FAILED")).isPositive();
    }
  }

  private static void losePower(LoopFileSystem disk, Path witness) {
    try {
      Files.write(witness, new byte[64 << 10]);
      disk.losePower();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void aFailedFsyncOfTheOperatingSystemIsNoAcknowledgement() throws Exception {
    assumeThat(Path.of("/usr/bin/fiu-run")).as("libfiu: apt install fiu-utils").isExecutable();
    Path folder = scratch.resolve("journal");
    List<String> fiu =
        List.of(
            "fiu-run", "-x", "-c", "enable_random name=posix/io/sync/fdatasync,probability=0.05");
    for (int life = 1; life <= 2; life++) {
      int enough = log.refused("STORAGE_FAILED") + 5;
      long acks = log.acknowledged() + 300L;
      Process child = start(folder, "none", 0, fiu);
      readAndKill(
          child,
          line -> log.refused("STORAGE_FAILED") >= enough && log.acknowledged() >= acks,
          () -> {});
      verify(folder);
    }
  }
}
