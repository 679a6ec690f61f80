package org.plenum.report.queue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.lang.reflect.RecordComponent;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class QueueOptionsTest {
  private static final QueueOptions OPTIONS = QueueOptions.defaults();
  private static final Duration OTHER = Duration.ofDays(77);

  private static List<String> changed(QueueOptions other) throws ReflectiveOperationException {
    List<String> names = new ArrayList<>();
    for (RecordComponent component : QueueOptions.class.getRecordComponents()) {
      if (!component.getAccessor().invoke(OPTIONS).equals(component.getAccessor().invoke(other))) {
        names.add(component.getName());
      }
    }
    return names;
  }

  @Test
  void aChangeChangesWhatItNamesAndNothingElse() throws Exception {
    assertThat(changed(OPTIONS.withFirst(7, 8))).containsExactly("firstCount", "firstBytes");
    assertThat(changed(OPTIONS.withSecond(7, 8))).containsExactly("secondCount", "secondBytes");
    assertThat(changed(OPTIONS.withRedelivery(7, OTHER, 8)))
        .containsExactly("maxAttempts", "redeliveryDelay", "maxDeadLetters");
    assertThat(changed(OPTIONS.withRetention(OTHER, 8, true)))
        .containsExactly("retention", "journalBytes", "expireWhenFull");
    assertThat(changed(OPTIONS.withCloseWait(OTHER))).containsExactly("closeWait");
    assertThat(OPTIONS.withFirst(7, 8).firstBytes()).isEqualTo(8);
  }

  @Test
  void boundsAreAtLeastOneAndNoWaitIsNegative() {
    assertThatIllegalArgumentException().isThrownBy(() -> OPTIONS.withFirst(0, 1));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> OPTIONS.withCloseWait(Duration.ofNanos(-1)));
  }
}
