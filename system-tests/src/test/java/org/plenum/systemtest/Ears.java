package org.plenum.systemtest;

import java.io.IOException;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.stream.Stream;

/** Makes archives that differ from the built one in a file of the module of EJBs. */
final class Ears {
  private Ears() {}

  /**
   * A copy with another file, or with one more.
   *
   * @param ear the archive to copy; stays as it is
   * @param copy the archive to make
   * @param file the name within the module, from its root
   * @param text what it holds
   */
  static Path with(Path ear, Path copy, String file, String text) throws IOException {
    Files.copy(ear, copy, StandardCopyOption.REPLACE_EXISTING);
    Path module = copy.resolveSibling(copy.getFileName() + ".module");
    try (FileSystem archive = FileSystems.newFileSystem(copy)) {
      Path packed = ejbModule(archive);
      Files.copy(packed, module, StandardCopyOption.REPLACE_EXISTING);
      try (FileSystem files = FileSystems.newFileSystem(module)) {
        Files.writeString(files.getPath(file), text);
      }
      Files.copy(module, packed, StandardCopyOption.REPLACE_EXISTING);
    } finally {
      Files.deleteIfExists(module);
    }
    return copy;
  }

  private static Path ejbModule(FileSystem archive) throws IOException {
    try (Stream<Path> files = Files.list(archive.getPath("/"))) {
      return files
          .filter(file -> file.toString().contains("plenum-ejb"))
          .findFirst()
          .orElseThrow(() -> new IOException("no module of EJBs"));
    }
  }
}
