package org.plenum.report.queue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.plenum.report.queue.QueueException.Reason;

class FirstBufferTest {
  private static final long LONG = Duration.ofMinutes(1).toNanos();

  private final FirstBuffer buffer = new FirstBuffer(2, 1 << 20);

  private static List<Report> one(long number) {
    return List.of(Reports.of(number));
  }

  @Test
  void aProducerThatFindsNoRoomInTimeIsRefused() throws InterruptedException {
    buffer.push(one(1), 0);
    buffer.push(one(2), 0);
    assertThatThrownBy(() -> buffer.push(one(3), 1))
        .isInstanceOfSatisfying(
            QueueException.class, e -> assertThat(e.reason()).isEqualTo(Reason.FULL));
  }

  @Test
  void theRoomComesBackWhenReportsAreDoneNotWhenTheyAreDrained() throws InterruptedException {
    buffer.push(one(1), 0);
    buffer.push(one(2), 0);
    List<FirstBuffer.Push> drained = buffer.drain(10, 1 << 20, 1, 0, 0);
    assertThat(drained).hasSize(2);
    assertThatThrownBy(() -> buffer.push(one(3), 1)).isInstanceOf(QueueException.class);
    CompletableFuture<Boolean> waiting =
        CompletableFuture.supplyAsync(
            () -> {
              try {
                buffer.push(one(3), LONG);
                return true;
              } catch (InterruptedException e) {
                throw new IllegalStateException(e);
              }
            });
    buffer.release(drained);
    Awaitility.await().untilAsserted(() -> assertThat(waiting).isCompletedWithValue(true));
    assertThat(buffer.count()).isEqualTo(1);
  }

  @Test
  void aClosedBufferTakesNothingAndGivesWhatItHas() throws InterruptedException {
    buffer.push(one(1), 0);
    buffer.close();
    assertThatThrownBy(() -> buffer.push(one(2), LONG))
        .isInstanceOfSatisfying(
            QueueException.class, e -> assertThat(e.reason()).isEqualTo(Reason.CLOSED));
    assertThat(buffer.isDrained()).isFalse();
    assertThat(buffer.drain(10, 1 << 20, 1, 0, LONG)).hasSize(1);
    assertThat(buffer.isDrained()).isTrue();
  }

  @Test
  void namesThatAStorageCannotHoldAreRefused() {
    String longest = "\u00e9".repeat(Report.MAX_NAME_BYTES / 2);
    assertThat(new Report(longest, longest, new byte[0]).source()).isEqualTo(longest);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Report(longest + "e", "", new byte[0]));
    assertThatIllegalArgumentException().isThrownBy(() -> new Report("s", "a\0b", new byte[0]));
  }
}
