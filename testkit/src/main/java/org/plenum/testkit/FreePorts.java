package org.plenum.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;

/** Finds free TCP ports on loopback. Another process may still take one before its use. */
public final class FreePorts {
  private static final Map<Integer, FileChannel> RESERVED = new HashMap<>();

  private FreePorts() {}

  /** One free port. */
  public static int one() {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * A base, a multiple of 100, such that base + offset is free for every offset given. No other
   * process that asks here gets the same one while this process lives. Tries 200 bases.
   */
  public static int base(int... offsets) {
    for (int attempt = 0; attempt < 200; attempt++) {
      int base = 20_100 + 100 * ThreadLocalRandom.current().nextInt(110);
      if (reserve(base) && allFree(base, offsets)) {
        return base;
      }
    }
    throw new IllegalStateException("no block of free ports on this machine");
  }

  /** A lock on a file, given back by the system when this process ends, however it ends. */
  private static synchronized boolean reserve(int base) {
    if (RESERVED.containsKey(base)) {
      return false;
    }
    try {
      Path folder =
          Files.createDirectories(
              Path.of(System.getProperty("java.io.tmpdir"))
                  .resolve("plenum-ports-" + System.getProperty("user.name")));
      FileChannel file =
          FileChannel.open(
              folder.resolve(Integer.toString(base)),
              StandardOpenOption.CREATE,
              StandardOpenOption.WRITE);
      if (file.tryLock() == null) {
        file.close();
        return false;
      }
      RESERVED.put(base, file);
      return true;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static boolean allFree(int base, int[] offsets) {
    for (int offset : offsets) {
      try (ServerSocket socket = new ServerSocket()) {
        socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), base + offset));
      } catch (IOException e) {
        return false;
      }
    }
    return true;
  }
}
