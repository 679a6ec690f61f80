package org.plenum.platform.health;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.plenum.platform.config.DataFolder;

class EnvironmentCheckTest {
  @TempDir private Path data;

  @Test
  void aHalfRestoredNodeIsNotStarted() throws IOException {
    assertThat(EnvironmentCheck.wholeness(data)).isEmpty();
    Path mark = data.resolve(DataFolder.UNFINISHED_RESTORE);
    Files.createDirectories(mark.getParent());
    Files.writeString(mark, "backup");
    assertThat(EnvironmentCheck.wholeness(data))
        .singleElement()
        .asString()
        .contains("./plenum restore FOLDER");
  }
}
