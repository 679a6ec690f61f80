package org.plenum.intake;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import jakarta.jms.InvalidDestinationRuntimeException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.plenum.platform.CorrelationId;

/** One batch of a queue, whatever is done with its messages. */
class JmsBatchTest {
  private static final Duration TTL = Duration.ofMinutes(5);

  private final JmsFakeQueue queue = new JmsFakeQueue();
  private final List<List<LegacyMessage>> taken = new ArrayList<>();
  private final JmsBatch<String> batch =
      new JmsBatch<>(queue.context, queue.queue, this::takeIn, outcome -> outcome);
  private boolean refuses;
  private boolean givenBack;
  private final List<@Nullable String> correlations = new ArrayList<>();

  private @Nullable List<String> takeIn(List<LegacyMessage> messages) {
    taken.add(messages);
    return refuses ? null : messages.stream().map(each -> "took " + each.text()).toList();
  }

  private boolean take(int most) {
    return batch.take(most, TTL, () -> givenBack = true);
  }

  @Test
  void anEmptyQueueIsNoBatch() {
    assertThat(take(10)).isTrue();
    assertThat(taken).isEmpty();
    assertThat(queue.openConsumers).isZero();
  }

  @Test
  void whatWaitsIsOneBatchInItsOrderUpToTheBound() {
    for (int i = 0; i < 5; i++) {
      queue.add("ID:" + i, "m" + i, i + 1, null);
    }
    assertThat(take(3)).isTrue();
    assertThat(take(3)).isTrue();
    assertThat(taken).hasSize(2);
    assertThat(taken.get(0)).extracting(LegacyMessage::text).containsExactly("m0", "m1", "m2");
    assertThat(taken.get(1)).extracting(LegacyMessage::deliveries).containsExactly(4, 5);
    assertThat(queue.answers).isEmpty();
    assertThat(givenBack).isFalse();
  }

  @Test
  void whoAsksForAnAnswerGetsTheOneOfItsMessage() {
    queue.add("ID:1", "a", 1, null);
    queue.add("ID:2", "b", 1, queue.queue);
    take(10);
    assertThat(queue.answers)
        .containsExactly(new JmsFakeQueue.Answer(queue.queue, "ID:2", "took b", TTL.toMillis()));
  }

  @Test
  void aBatchThatMustComeAgainIsRolledBackAndNobodyIsAnswered() {
    refuses = true;
    queue.add("ID:1", "a", 1, queue.queue);
    assertThat(take(10)).isFalse();
    assertThat(givenBack).isTrue();
    assertThat(queue.answers).isEmpty();
    assertThat(queue.openConsumers).isZero();
  }

  @Test
  void anAnswerThatCannotBeSentDoesNotBringTheBatchBack() {
    queue.unsendable = new InvalidDestinationRuntimeException("gone");
    queue.add("ID:1", "a", 1, queue.queue);
    assertThat(take(10)).isTrue();
    assertThat(givenBack).isFalse();
  }

  @Test
  void anAnswerIsMadeInOrderAndEachBatchLeavesNoCorrelationBehind() {
    JmsBatch<String> noting =
        new JmsBatch<>(
            queue.context,
            queue.queue,
            this::takeIn,
            outcome -> {
              correlations.add(outcome);
              return outcome;
            });
    queue.add("ID:1", "a", 1, queue.queue);
    queue.add("ID:2", "b", 1, queue.queue);
    assertThat(noting.take(10, TTL, () -> {})).isTrue();
    assertThat(correlations).containsExactly("took a", "took b");
    assertThat(CorrelationId.current()).isNull();
  }

  @Test
  void aFaultOfTheIntakeGoesToTheContainerWhichRollsBack() {
    JmsBatch<String> failing =
        new JmsBatch<>(
            queue.context,
            queue.queue,
            messages -> {
              throw new IllegalStateException("a test's");
            },
            outcome -> outcome);
    queue.add("ID:1", "a", 1, queue.queue);
    assertThatThrownBy(() -> failing.take(10, TTL, () -> {}))
        .isInstanceOf(IllegalStateException.class);
    assertThat(queue.openConsumers).isZero();
  }
}
