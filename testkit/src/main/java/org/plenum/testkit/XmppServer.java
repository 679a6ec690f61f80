package org.plenum.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * An XMPP server of its own, as Debian ships it, on a free loopback port, with message archive and
 * open registration. Can be killed and started again on the same files. Stopped by {@link #close}
 * and by a shutdown hook. Not thread-safe.
 */
public abstract class XmppServer implements AutoCloseable {
  /** The domain that it serves. */
  public static final String DOMAIN = "chat.test";

  private static final Duration START = Duration.ofSeconds(60);

  private final Path folder;
  private final int port = FreePorts.one();
  private final Thread hook = new Thread(this::kill, "stop-xmpp");
  private @Nullable Process process;

  XmppServer(Path work, String name) {
    try {
      folder = Files.createTempDirectory(Files.createDirectories(work), name).toAbsolutePath();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    Runtime.getRuntime().addShutdownHook(hook);
  }

  /** The process that serves; its output goes to {@code console.log}. */
  abstract ProcessBuilder command();

  /** Where its configuration and data are. */
  public Path folder() {
    return folder;
  }

  /** The port for clients on loopback. */
  public int port() {
    return port;
  }

  /** Starts it, again after a {@link #kill}, and returns when it takes connections. */
  public final void start() {
    try {
      process =
          command()
              .directory(folder.toFile())
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.appendTo(console().toFile()))
              .start();
      awaitPort(process);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void awaitPort(Process started) throws IOException {
    long end = System.nanoTime() + START.toNanos();
    while (System.nanoTime() < end && started.isAlive()) {
      try (Socket socket = new Socket()) {
        socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 1_000);
        return;
      } catch (IOException e) {
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(50));
      }
    }
    throw new IOException("the XMPP server did not start: " + ExternalProcess.tail(console()));
  }

  /** Kills it as a power cut would. */
  public final void kill() {
    Process running = process;
    process = null;
    if (running != null) {
      running.descendants().forEach(ProcessHandle::destroyForcibly);
      running.destroyForcibly();
      running.onExit().join();
    }
  }

  /** The process that serves. */
  public final ProcessHandle process() {
    Process running = process;
    if (running == null) {
      throw new IllegalStateException("the XMPP server is not running");
    }
    return running.toHandle();
  }

  @Override
  public final void close() {
    Runtime.getRuntime().removeShutdownHook(hook);
    kill();
  }

  private Path console() {
    return folder.resolve("console.log");
  }

  /** Writes a file of the server's folder. */
  final Path write(String name, String text) {
    try {
      return Files.writeString(folder.resolve(name), text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
