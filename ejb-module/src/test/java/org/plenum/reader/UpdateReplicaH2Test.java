package org.plenum.reader;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.EnumSet;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.plenum.group.api.EntryKind;
import org.plenum.writer.TestWriter;

class UpdateReplicaH2Test extends UpdateReplicaContract {
  @Override
  TestWriter writer() throws Exception {
    return new TestWriter();
  }

  @Test
  void theSeedsCoverEveryKindOfUpdate() throws Exception {
    Set<EntryKind> seen = EnumSet.noneOf(EntryKind.class);
    for (long seed = 1; seed <= 3; seed++) {
      try (TestWriter writer = writer()) {
        RandomChat chat = new RandomChat(writer, new Random(seed));
        for (int step = 0; step < STEPS; step++) {
          chat.step().forEach(update -> seen.add(update.kind()));
        }
      }
    }
    assertThat(seen).containsExactlyInAnyOrder(EntryKind.values());
  }
}
