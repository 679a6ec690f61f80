package org.plenum.web.page;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.plenum.group.api.EntryKind;
import org.plenum.platform.ErrorCode;

/** The guide for portals names everything a client can meet. */
class PortalGuideTest {
  private final List<String> guide = read();

  @Test
  void everyErrorCodeStandsAtItsStatus() {
    for (ErrorCode code : ErrorCode.values()) {
      assertThat(guide)
          .as(code.name())
          .anyMatch(
              line ->
                  line.startsWith("| " + code.status() + " |")
                      && line.contains("`" + code.name() + "`"));
    }
  }

  @Test
  void everyKindOfEntryIsNamed() {
    for (EntryKind kind : EntryKind.values()) {
      if (kind != EntryKind.READ_MARKED) {
        assertThat(guide).as(kind.wire()).anyMatch(line -> line.contains("`" + kind.wire() + "`"));
      }
    }
  }

  private static List<String> read() {
    try {
      return Files.readAllLines(Path.of("../docs/portal-guide.md"));
    } catch (IOException e) {
      throw new IllegalStateException("the guide cannot be read", e);
    }
  }
}
