package org.plenum.backup;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Files that are on the disk when a method returns, for the eyes of their owner alone. Before
 * everything it changes it tells a step, so that tests can fail it there, or look at what a process
 * killed there would leave. Not thread-safe.
 */
final class DurableFiles {
  private static final int BUFFER = 1 << 20;

  private final Step step;

  /** Comes before each change; an exception is the fault of that change. */
  interface Step {
    void before(String change) throws IOException;
  }

  DurableFiles() {
    this(change -> {});
  }

  DurableFiles(Step step) {
    this.step = step;
  }

  /** Makes a folder and those above it. */
  void makeFolder(Path folder) throws IOException {
    Path parent = folder.toAbsolutePath().getParent();
    if (Files.isDirectory(folder)) {
      return;
    }
    if (parent != null) {
      makeFolder(parent);
    }
    step.before("make " + folder);
    Files.createDirectory(folder);
    ownersAlone(folder, "rwx------");
    if (parent != null) {
      force(parent);
    }
  }

  /** Takes everybody else's access away, where the file system knows that. */
  static void ownersAlone(Path path, String permissions) throws IOException {
    if (Files.getFileAttributeView(path, PosixFileAttributeView.class) != null) {
      Files.setPosixFilePermissions(path, PosixFilePermissions.fromString(permissions));
    }
  }

  /** Writes a small file whole: under another name first. */
  void write(Path file, String text) throws IOException {
    Path draft = file.resolveSibling(file.getFileName() + ".new");
    step.before("write " + draft);
    try (FileChannel channel = open(draft)) {
      ByteBuffer bytes = StandardCharsets.UTF_8.encode(text);
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
      channel.force(true);
    }
    rename(draft, file);
  }

  private static FileChannel open(Path file) throws IOException {
    FileChannel channel =
        FileChannel.open(
            file,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.WRITE);
    ownersAlone(file, "rw-------");
    return channel;
  }

  /** Copies a file, over one that may be there; gives the SHA-256 of what was copied. */
  String copy(Path from, Path to) throws IOException {
    return copy(from, to, true);
  }

  /**
   * As {@link #copy}, but it is on the disk only after {@link #forceTree}: of a thousand files that
   * takes half the time, and leaves the disk to the database.
   */
  String copyUnforced(Path from, Path to) throws IOException {
    return copy(from, to, false);
  }

  private String copy(Path from, Path to, boolean force) throws IOException {
    Path folder = to.toAbsolutePath().getParent();
    if (folder != null) {
      makeFolder(folder);
    }
    step.before("copy " + to);
    MessageDigest digest = sha256();
    byte[] bytes = new byte[BUFFER];
    try (InputStream in = Files.newInputStream(from);
        FileChannel out = open(to)) {
      for (int read = in.read(bytes); read >= 0; read = in.read(bytes)) {
        digest.update(bytes, 0, read);
        ByteBuffer buffer = ByteBuffer.wrap(bytes, 0, read);
        while (buffer.hasRemaining()) {
          out.write(buffer);
        }
      }
      if (force) {
        out.force(true);
      }
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  /** The SHA-256 of a file. */
  static String checksum(Path file) throws IOException {
    MessageDigest digest = sha256();
    byte[] bytes = new byte[BUFFER];
    try (InputStream in = Files.newInputStream(file)) {
      for (int read = in.read(bytes); read >= 0; read = in.read(bytes)) {
        digest.update(bytes, 0, read);
      }
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  /** Renames a file or folder, durably. */
  void rename(Path from, Path to) throws IOException {
    step.before("rename " + from + " to " + to);
    Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
    forceParent(to);
  }

  /** Deletes a file if it is there, durably. */
  void delete(Path file) throws IOException {
    step.before("delete " + file);
    if (Files.deleteIfExists(file)) {
      forceParent(file);
    }
  }

  /** Deletes a folder with all that is in it. */
  void deleteTree(Path folder) throws IOException {
    if (Files.notExists(folder)) {
      return;
    }
    step.before("delete " + folder);
    Files.walkFileTree(
        folder,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            Files.delete(file);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult postVisitDirectory(Path visited, @Nullable IOException fault)
              throws IOException {
            Files.delete(visited);
            return FileVisitResult.CONTINUE;
          }
        });
  }

  /** Makes a folder durable with all that is in it, for its owner alone. */
  void forceTree(Path folder) throws IOException {
    step.before("force " + folder);
    try (Stream<Path> all = Files.walk(folder)) {
      for (Path each : all.toList()) {
        ownersAlone(each, Files.isDirectory(each) ? "rwx------" : "rw-------");
        force(each);
      }
    }
  }

  /** The files below a folder, in order. */
  static List<Path> filesOf(Path folder) throws IOException {
    if (Files.notExists(folder)) {
      return List.of();
    }
    try (Stream<Path> all = Files.walk(folder)) {
      return new ArrayList<>(all.filter(Files::isRegularFile).sorted().toList());
    }
  }

  /** Bytes in the files below a folder that may be changing. */
  static long sizeOf(Path folder) throws IOException {
    long[] bytes = {0};
    if (Files.notExists(folder)) {
      return 0;
    }
    Files.walkFileTree(
        folder,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
            bytes[0] += attributes.size();
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFileFailed(Path file, IOException fault) throws IOException {
            if (fault instanceof NoSuchFileException) {
              return FileVisitResult.CONTINUE; // gone meanwhile
            }
            throw fault;
          }
        });
    return bytes[0];
  }

  private static void forceParent(Path path) throws IOException {
    Path parent = path.toAbsolutePath().getParent();
    if (parent != null) {
      force(parent);
    }
  }

  private static void force(Path path) throws IOException {
    try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }
}
