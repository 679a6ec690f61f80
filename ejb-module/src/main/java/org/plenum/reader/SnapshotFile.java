package org.plenum.reader;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.UUID;
import java.util.zip.CRC32C;
import java.util.zip.CheckedInputStream;
import java.util.zip.CheckedOutputStream;
import org.plenum.group.api.GroupId;

/**
 * The file format of a snapshot (GRP-7). Big endian: magic {@code PLRS}, version 1, the {@link
 * Anchor}; then for each value its kind (1 byte), key (modified UTF-8 with a length of 2 bytes),
 * length and bytes; then a zero byte, the number of values (8 bytes) and the CRC-32C of all before
 * it (8 bytes). Each value states its own revision, so values may be newer than the anchor.
 *
 * <p>A file is complete or absent: it is written under another name, forced, renamed, and the
 * folder forced too (GRP-6 survives power loss). Stateless.
 */
final class SnapshotFile {
  /** Ends the name of a file that is being written. */
  static final String UNFINISHED = ".part";

  private static final int MAGIC = 0x504C5253;
  private static final int VERSION = 1;
  private static final int BUFFER = 1 << 16;
  private static final int MAX_VALUE = 64 << 20;

  private SnapshotFile() {}

  /**
   * The update that the snapshot is as of. It names a place in one history: a database restored to
   * an earlier state, or another one, has another update there.
   */
  record Anchor(long revision, long epoch, GroupId group, long seq) {}

  /** Receives the values of a file. */
  interface Sink {
    void value(RoomKind kind, String key, byte[] value);
  }

  /** Gives the values for a file. */
  interface Source {
    void forEach(Sink sink);
  }

  /** What was written. */
  record Written(long values, long bytes) {}

  /**
   * Writes a file.
   *
   * @throws IOException when it cannot be written; nothing is left behind
   */
  static Written write(Path file, Anchor anchor, Source source) throws IOException {
    Path folder = file.toAbsolutePath().getParent();
    if (folder == null) {
      throw new IOException("no folder: " + file);
    }
    Path temporary = folder.resolve(file.getFileName() + UNFINISHED);
    try {
      long values = writeTo(temporary, anchor, source);
      long bytes = Files.size(temporary);
      Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);
      force(folder);
      return new Written(values, bytes);
    } finally {
      Files.deleteIfExists(temporary);
    }
  }

  private static long writeTo(Path file, Anchor anchor, Source source) throws IOException {
    try (FileChannel channel =
            FileChannel.open(
                file,
                StandardOpenOption.CREATE,
                StandardOpenOption.TRUNCATE_EXISTING,
                StandardOpenOption.WRITE);
        CheckedOutputStream checked =
            new CheckedOutputStream(
                new BufferedOutputStream(Channels.newOutputStream(channel), BUFFER), new CRC32C());
        DataOutputStream out = new DataOutputStream(checked)) {
      out.writeInt(MAGIC);
      out.writeByte(VERSION);
      out.writeLong(anchor.revision());
      out.writeLong(anchor.epoch());
      out.writeLong(anchor.group().value().getMostSignificantBits());
      out.writeLong(anchor.group().value().getLeastSignificantBits());
      out.writeLong(anchor.seq());
      long[] values = {0};
      try {
        source.forEach(
            (kind, key, value) -> {
              try {
                out.writeByte(kind.code());
                out.writeUTF(key);
                out.writeInt(value.length);
                out.write(value);
                values[0]++;
              } catch (IOException e) {
                throw new UncheckedIOException(e);
              }
            });
      } catch (UncheckedIOException e) {
        throw new IOException("a value could not be written", e);
      }
      out.writeByte(0);
      out.writeLong(values[0]);
      out.writeLong(checked.getChecksum().getValue());
      out.flush();
      channel.force(true);
      return values[0];
    }
  }

  private static void force(Path folder) throws IOException {
    try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }

  /**
   * Reads a file from end to end without using it.
   *
   * @throws IOException when it is damaged or of another version
   */
  static Anchor verify(Path file) throws IOException {
    return read(file, (kind, key, value) -> {});
  }

  /**
   * Gives the values of a file; verify it before.
   *
   * @throws IOException when it is damaged or of another version; values may have been given
   */
  static Anchor read(Path file, Sink sink) throws IOException {
    try (CheckedInputStream checked =
            new CheckedInputStream(
                new BufferedInputStream(Files.newInputStream(file), BUFFER), new CRC32C());
        DataInputStream in = new DataInputStream(checked)) {
      int magic = in.readInt();
      int version = in.readUnsignedByte();
      if (magic != MAGIC || version != VERSION) {
        throw new IOException("not a snapshot of version " + VERSION);
      }
      Anchor anchor =
          new Anchor(
              in.readLong(),
              in.readLong(),
              new GroupId(new UUID(in.readLong(), in.readLong())),
              in.readLong());
      long values = values(in, sink);
      if (in.readLong() != values) {
        throw new IOException("the number of values is wrong");
      }
      long sum = checked.getChecksum().getValue();
      if (in.readLong() != sum) {
        throw new IOException("the checksum is wrong");
      }
      if (in.read() >= 0) {
        throw new IOException("bytes after the end");
      }
      return anchor;
    } catch (EOFException e) {
      throw new IOException("the file is cut off", e);
    } catch (IllegalArgumentException e) {
      throw new IOException("the content is damaged", e);
    }
  }

  private static long values(DataInputStream in, Sink sink) throws IOException {
    long values = 0;
    for (int code = in.readUnsignedByte(); code != 0; code = in.readUnsignedByte()) {
      RoomKind kind = RoomKind.ofCode(code);
      String key = in.readUTF();
      int length = in.readInt();
      if (length < 0 || length > MAX_VALUE) {
        throw new IOException("a value of " + length + " bytes");
      }
      byte[] value = in.readNBytes(length);
      if (value.length != length) {
        throw new EOFException();
      }
      sink.value(kind, key, value);
      values++;
    }
    return values;
  }
}
