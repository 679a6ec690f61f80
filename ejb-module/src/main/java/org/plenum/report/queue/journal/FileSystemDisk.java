package org.plenum.report.queue.journal;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A folder of a mounted file system. Thread-safe. */
public final class FileSystemDisk implements JournalDisk {
  private static final String LOCK = "lock";

  private final Path folder;
  private @Nullable FileChannel lockChannel;
  private @Nullable FileLock lock;

  /** Makes the folder when it is not there, durably. */
  public FileSystemDisk(Path folder) throws IOException {
    this.folder = folder.toAbsolutePath().normalize();
    makeDurably(this.folder);
  }

  private static void makeDurably(Path wanted) throws IOException {
    Path parent = wanted.getParent();
    if (parent != null && !Files.isDirectory(wanted)) {
      makeDurably(parent);
      Files.createDirectories(wanted);
      force(parent);
    }
  }

  private static void force(Path directory) throws IOException {
    try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }

  @Override
  public List<String> list() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(path -> folder.relativize(path).toString()).sorted().toList();
    }
  }

  @Override
  public DiskFile open(String name) throws IOException {
    return new OpenFile(new RandomAccessFile(folder.resolve(name).toFile(), "rw"));
  }

  @Override
  public DiskFile existing(String name) throws IOException {
    return new OpenFile(new RandomAccessFile(folder.resolve(name).toFile(), "r"));
  }

  @Override
  public boolean create(String name) throws IOException {
    try {
      Files.createFile(folder.resolve(name));
      return true;
    } catch (FileAlreadyExistsException e) {
      return false; // somebody else was first: the answer, not an error
    }
  }

  @Override
  public void delete(String name) throws IOException {
    Files.deleteIfExists(folder.resolve(name));
  }

  @Override
  public void rename(String from, String to) throws IOException {
    Files.move(folder.resolve(from), folder.resolve(to), StandardCopyOption.ATOMIC_MOVE);
  }

  @Override
  public void forceNames() throws IOException {
    force(folder);
  }

  @Override
  public long freeBytes() throws IOException {
    return Files.getFileStore(folder).getUsableSpace();
  }

  @Override
  public String place() {
    return folder.toString();
  }

  @Override
  public synchronized boolean lock() throws IOException {
    FileChannel channel =
        FileChannel.open(folder.resolve(LOCK), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    try {
      FileLock taken = channel.tryLock();
      if (taken != null) {
        lockChannel = channel;
        lock = taken;
        return true;
      }
    } catch (OverlappingFileLockException e) {
      channel.close();
      return false; // another queue of this process has it
    }
    channel.close();
    return false;
  }

  @Override
  public synchronized void unlock() throws IOException {
    if (lock != null && lock.isValid()) {
      lock.release();
    }
    if (lockChannel != null) {
      lockChannel.close();
    }
    lock = null;
    lockChannel = null;
  }

  /**
   * A channel closes itself when a thread that uses it is interrupted, for all other threads too,
   * and consumers are threads of other people. So reads go past the channel, and writes put an
   * interrupt off.
   */
  private record OpenFile(RandomAccessFile file) implements DiskFile {
    private interface Operation {
      void run(FileChannel channel) throws IOException;
    }

    @Override
    public long size() throws IOException {
      return file.length();
    }

    @Override
    public int read(ByteBuffer into, long position) throws IOException {
      int wanted = into.remaining();
      byte[] bytes = into.hasArray() ? into.array() : new byte[wanted];
      int start = into.hasArray() ? into.arrayOffset() + into.position() : 0;
      int count;
      synchronized (file) {
        file.seek(position);
        count = file.read(bytes, start, wanted);
      }
      if (count > 0 && into.hasArray()) {
        into.position(into.position() + count);
      } else if (count > 0) {
        into.put(bytes, 0, count);
      }
      return count;
    }

    @Override
    public void write(ByteBuffer from, long position) throws IOException {
      uninterrupted(
          channel -> {
            long at = position;
            while (from.hasRemaining()) {
              at += channel.write(from, at);
            }
          });
    }

    @Override
    public void force() throws IOException {
      uninterrupted(channel -> channel.force(false));
    }

    private void uninterrupted(Operation operation) throws IOException {
      boolean interrupted = Thread.interrupted();
      try {
        operation.run(file.getChannel());
      } finally {
        if (interrupted) {
          Thread.currentThread().interrupt();
        }
      }
    }

    @Override
    public void close() throws IOException {
      file.close();
    }
  }
}
