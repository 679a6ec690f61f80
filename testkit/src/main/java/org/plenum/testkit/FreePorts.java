package org.plenum.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.concurrent.ThreadLocalRandom;

/** Finds free TCP ports on loopback. Another process may still take one before its use. */
public final class FreePorts {
  private FreePorts() {}

  /** One free port. */
  public static int one() {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A base such that base + offset is free for every offset given. Tries 200 bases. */
  public static int base(int... offsets) {
    for (int attempt = 0; attempt < 200; attempt++) {
      int base = 20_000 + 100 * ThreadLocalRandom.current().nextInt(110);
      if (allFree(base, offsets)) {
        return base;
      }
    }
    throw new IllegalStateException("no block of free ports on this machine");
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
