package org.plenum.reader;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.plenum.group.api.GroupId;
import org.plenum.reader.SnapshotFile.Anchor;

class SnapshotFileTest {
  private static final Anchor ANCHOR =
      new Anchor(42, 3, new GroupId(UUID.fromString("019ac000-0000-7000-8000-000000000001")), 17);

  @TempDir Path folder;

  private Path written() throws IOException {
    Path file = folder.resolve("reader-1.snapshot");
    SnapshotFile.Written written =
        SnapshotFile.write(
            file,
            ANCHOR,
            sink -> {
              sink.value(RoomKind.GROUP, "g", "one".getBytes(StandardCharsets.UTF_8));
              sink.value(RoomKind.ACCOUNT, "7", new byte[0]);
            });
    assertThat(written).isEqualTo(new SnapshotFile.Written(2, Files.size(file)));
    return file;
  }

  @Test
  void whatWasWrittenIsRead() throws IOException {
    Path file = written();
    Map<String, String> values = new TreeMap<>();
    Anchor anchor =
        SnapshotFile.read(
            file,
            (kind, key, value) ->
                values.put(kind + " " + key, new String(value, StandardCharsets.UTF_8)));
    assertThat(anchor).isEqualTo(ANCHOR);
    assertThat(values)
        .containsExactlyInAnyOrderEntriesOf(Map.of("GROUP g", "one", "ACCOUNT 7", ""));
  }

  @Test
  void aTornFileIsRefusedWhereverItEnds() throws IOException {
    Path file = written();
    byte[] good = Files.readAllBytes(file);
    for (int length = 0; length < good.length; length++) {
      Files.write(file, Arrays.copyOf(good, length));
      assertThatThrownBy(() -> SnapshotFile.verify(file))
          .as("of length %s", length)
          .isInstanceOf(IOException.class);
    }
  }

  @Test
  void aFlippedBitIsFoundWhereverItIs() throws IOException {
    Path file = written();
    byte[] good = Files.readAllBytes(file);
    for (int bit = 0; bit < good.length * 8; bit++) {
      byte[] bad = good.clone();
      bad[bit / 8] ^= (byte) (1 << (bit % 8));
      Files.write(file, bad);
      assertThatThrownBy(() -> SnapshotFile.verify(file))
          .as("bit %s", bit)
          .isInstanceOf(IOException.class);
    }
  }

  @Test
  void bytesAfterTheEndAreRefused() throws IOException {
    Path file = written();
    byte[] good = Files.readAllBytes(file);
    Files.write(file, Arrays.copyOf(good, good.length + 1));
    assertThatThrownBy(() -> SnapshotFile.verify(file)).hasMessage("bytes after the end");
  }

  @Test
  void aWriteThatFailsHalfwayLeavesTheOldFileAlone() throws IOException {
    Path file = written();
    byte[] before = Files.readAllBytes(file);
    assertThatThrownBy(
            () ->
                SnapshotFile.write(
                    file,
                    ANCHOR,
                    sink -> {
                      sink.value(RoomKind.GROUP, "g", new byte[100_000]);
                      throw new UncheckedIOException(new IOException("no space left on device"));
                    }))
        .isInstanceOf(IOException.class);
    assertThat(Files.readAllBytes(file)).isEqualTo(before);
    try (Stream<Path> files = Files.list(folder)) {
      assertThat(files).containsExactly(file);
    }
  }
}
