package org.plenum.web.push;

import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/** A few shared buffers of {@link Outbound#CHUNK} bytes for container threads. Thread-safe. */
final class ScratchBuffers {
  private static final AtomicReferenceArray<byte @Nullable []> POOL =
      new AtomicReferenceArray<>(16);

  private ScratchBuffers() {}

  static byte[] take() {
    for (int i = 0; i < POOL.length(); i++) {
      byte[] buffer = POOL.getAndSet(i, null);
      if (buffer != null) {
        return buffer;
      }
    }
    return new byte[Outbound.CHUNK];
  }

  static void giveBack(byte[] buffer) {
    for (int i = 0; i < POOL.length(); i++) {
      if (POOL.compareAndSet(i, null, buffer)) {
        return;
      }
    }
  }
}
