package org.plenum.web.auth;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.KeyUse;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.text.ParseException;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;

/**
 * The signing key of the embedded realm: made once, kept in a file that only the server's user
 * reads, so that tokens outlive a restart. Several processes may start at once; one key wins.
 */
final class LocalRealmKey {
  private LocalRealmKey() {}

  /**
   * Loads the key, or makes and stores one.
   *
   * @throws UncheckedIOException when the file can be neither read nor written
   */
  static ECKey loadOrCreate(Path file) {
    try {
      if (Files.notExists(file)) {
        create(file);
      }
      return ECKey.parse(Files.readString(file, StandardCharsets.UTF_8));
    } catch (ParseException e) {
      throw new UncheckedIOException(new IOException(file + " holds no EC key in JWK form", e));
    } catch (IOException e) {
      throw new UncheckedIOException(
          new IOException("the signing key " + file + " can be neither read nor written", e));
    }
  }

  private static void create(Path file) throws IOException {
    Path folder =
        Objects.requireNonNull(file.toAbsolutePath().getParent(), "the file has a folder");
    Files.createDirectories(folder);
    Path fresh = folder.resolve("." + file.getFileName() + "." + UUID.randomUUID());
    try {
      write(fresh, generate().toJSONString());
      // A link, unlike a rename, never replaces the key of a process that was faster.
      Files.createLink(file, fresh);
    } catch (FileAlreadyExistsException e) {
      // The other process's key is as good.
    } catch (UnsupportedOperationException e) {
      Files.move(fresh, file);
    } finally {
      Files.deleteIfExists(fresh);
    }
  }

  private static ECKey generate() {
    try {
      return new ECKeyGenerator(Curve.P_256)
          .keyUse(KeyUse.SIGNATURE)
          .keyIDFromThumbprint(true)
          .generate();
    } catch (JOSEException e) {
      throw new IllegalStateException("every Java platform has P-256", e);
    }
  }

  private static void write(Path file, String text) throws IOException {
    FileAttribute<?>[] attributes =
        FileSystems.getDefault().supportedFileAttributeViews().contains("posix")
            ? new FileAttribute<?>[] {
              PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"))
            }
            : new FileAttribute<?>[0];
    try (FileChannel channel =
        FileChannel.open(
            file, Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE), attributes)) {
      ByteBuffer bytes = StandardCharsets.UTF_8.encode(text);
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
      channel.force(true);
    }
  }
}
