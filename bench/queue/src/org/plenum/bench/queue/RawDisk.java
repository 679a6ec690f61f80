package org.plenum.bench.queue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** What the disk gives: write and fsync, nothing else, in a file that was filled before. */
final class RawDisk {
  private static final int SIZE = 256 << 20;

  private RawDisk() {}

  /** Messages a second, so many of so many bytes in each write. */
  static double rate(Path folder, int batch, int bytes, double seconds) throws IOException {
    try (FileChannel file =
        FileChannel.open(
            folder.resolve("raw-" + batch),
            StandardOpenOption.CREATE,
            StandardOpenOption.WRITE,
            StandardOpenOption.DELETE_ON_CLOSE)) {
      ByteBuffer zeros = ByteBuffer.allocateDirect(1 << 20);
      for (long at = 0; at < SIZE; at += zeros.capacity()) {
        file.write(zeros.clear(), at);
      }
      file.force(true);
      ByteBuffer written = ByteBuffer.allocateDirect(batch * bytes);
      long start = System.nanoTime();
      long end = start + (long) (seconds * 1e9);
      long count = 0;
      long at = 0;
      while (System.nanoTime() < end) {
        at = at + written.capacity() > SIZE ? 0 : at;
        file.write(written.clear(), at);
        file.force(false);
        at += written.capacity();
        count += batch;
      }
      return count * 1e9 / (System.nanoTime() - start);
    }
  }
}
