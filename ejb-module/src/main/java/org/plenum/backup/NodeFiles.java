package org.plenum.backup;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Has the files of a node put into the draft of a backup: by its server when that runs, which is
 * asked through {@link Control}, otherwise by copying what a stopped one left. For one thread.
 */
final class NodeFiles {
  private static final Duration ANSWER = Duration.ofSeconds(20);
  private static final Duration STALL = Duration.ofMinutes(2);
  private static final Duration LOOK = Duration.ofMillis(200);
  private static final Duration SAY = Duration.ofSeconds(2);

  private final Path data;
  private final Layout layout;
  private final Duration answer;
  private final Duration stall;
  private final Consumer<String> say;

  /**
   * Looks at a node.
   *
   * @param data its plenum.data.dir
   * @param options {@code --answer-seconds} and {@code --stall-seconds}: how long a server may take
   *     to answer (20), and how long its draft may not grow (120)
   * @param say is told how far it is
   */
  NodeFiles(Path data, ToolOptions options, Consumer<String> say) throws IOException {
    this.data = data;
    this.layout = Layout.read(data);
    this.answer = options.seconds("answer-seconds", ANSWER);
    this.stall = options.seconds("stall-seconds", STALL);
    this.say = say;
  }

  Layout layout() {
    return layout;
  }

  /** Whether a server has the node's files open. */
  boolean running() throws IOException {
    return inUse(layout.database()) || inUse(layout.reports().resolve("lock"));
  }

  /** Whether a process has the lock that H2 and the journal hold while they are open. */
  static boolean inUse(Path file) throws IOException {
    if (!Files.isRegularFile(file)) {
      return false;
    }
    try (RandomAccessFile open = new RandomAccessFile(file.toFile(), "rw")) {
      return open.getChannel().tryLock() == null; // one that it got goes with the file
    } catch (OverlappingFileLockException e) {
      return true; // in this process
    }
  }

  /** Asks the server that runs, and waits until it has filled the draft. */
  DatabaseFacts filledByServer(Path draft) throws IOException, InterruptedException {
    Control control = new Control(data);
    String id = UUID.randomUUID().toString();
    control.ask(new Control.Request(id, draft));
    say.accept("the server is asked");
    long asked = System.nanoTime();
    long shown = asked;
    long grown = asked;
    long written = -1;
    while (true) {
      TimeUnit.MILLISECONDS.sleep(LOOK.toMillis());
      Optional<Control.Status> told = control.told().filter(status -> status.id().equals(id));
      if (told.isEmpty()) {
        refuseSilence(control, System.nanoTime() - asked);
        continue;
      }
      Control.Status status = told.get();
      switch (status.state()) {
        case "FILLED" -> {
          return new DatabaseFacts(status.product(), status.schema(), status.revision());
        }
        case "FAILED" -> throw new IOException("the server could not do it: " + status.problem());
        default -> {
          if (!running()) {
            throw new IOException("the server ended while it made the backup");
          }
          long now = System.nanoTime();
          long bytes = DurableFiles.sizeOf(draft);
          if (bytes != written) {
            written = bytes;
            grown = now;
          } else if (now - grown > stall.toNanos()) {
            throw new IOException(
                "the server has written nothing for %d s: see its log, and try again"
                    .formatted(stall.toSeconds()));
          }
          if (now - shown > SAY.toNanos()) {
            say.accept(ToolOptions.size(bytes) + " written");
            shown = now;
          }
        }
      }
    }
  }

  private void refuseSilence(Control control, long waited) throws IOException {
    if (waited > answer.toNanos() && control.takeBack()) {
      throw new IOException(
          "the server does not answer. Is it ready ('./plenum status'), does it run as the user"
              + " that runs this, and is the deployed version as new as this one?");
    }
    if (waited > 2 * answer.toNanos()) { // it had the time of an answer after it took the request
      throw new IOException(
          "the server took the request and told nothing: its log says why. Can others than its"
              + " user write "
              + data.resolve(Layout.CONTROL)
              + ", or is its disk full?");
    }
  }

  /** Copies journal and key of a server that is stopped, and stays so meanwhile. */
  void copyStopped(Path draft, DurableFiles files) throws IOException {
    refuseWhileStarted();
    Filling.copyClosedJournal(layout.reports(), draft.resolve(Filling.REPORTS), files);
    refuseWhileStarted();
    if (Files.isRegularFile(layout.keyFile())) {
      files.copy(layout.keyFile(), draft.resolve(Filling.KEYS).resolve(Filling.KEY));
    }
  }

  void refuseWhileStarted() throws IOException {
    if (running()) {
      throw new IOException("the server was started meanwhile: try again");
    }
  }
}
