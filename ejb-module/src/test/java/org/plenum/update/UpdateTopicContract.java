package org.plenum.update;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.Test;
import org.plenum.group.api.EntryKind;
import org.plenum.group.api.GroupId;

/** What every way to the other nodes must do when nothing fails. */
abstract class UpdateTopicContract {
  private static final GroupId GROUP = new GroupId(new UUID(1, 2));
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  private final List<Update> atPeer = new CopyOnWriteArrayList<>();
  private final List<Update> atHome = new CopyOnWriteArrayList<>();

  /** The topic under test, which calls every receiver with sender and batch. */
  abstract UpdateTopic topic(List<BiConsumer<String, byte[]>> receivers);

  @Test
  void everyBatchReachesTheOtherNodesInTheOrderOfSending() {
    UpdateTopic topic = connected();
    for (int i = 0; i < 50; i++) {
      topic.send("home", UpdateBatchCodec.encode(List.of(update(2 * i + 1), update(2 * i + 2))));
    }

    await().atMost(PATIENCE).until(() -> atPeer.size() == 100);
    assertThat(atPeer).extracting(Update::revision).isSorted().hasSize(100);
    assertThat(new String(atPeer.getFirst().json(), UTF_8)).isEqualTo("{\"seq\":1}");
  }

  @Test
  void aNodeDropsWhatItSentItself() {
    UpdateTopic topic = connected();
    topic.send("home", UpdateBatchCodec.encode(List.of(update(1))));

    await().atMost(PATIENCE).until(() -> atPeer.size() == 1);
    assertThat(atHome).isEmpty();
  }

  @Test
  void whatIsNotOursIsRefusedAndTheNextBatchStillArrives() {
    UpdateTopic topic = connected();
    topic.send("home", "something else".getBytes(UTF_8));
    topic.send("home", UpdateBatchCodec.encode(List.of(update(1))));

    await().atMost(PATIENCE).until(() -> atPeer.size() == 1);
  }

  private UpdateTopic connected() {
    return topic(List.of(receiver("home", atHome), receiver("peer", atPeer)));
  }

  private static BiConsumer<String, byte[]> receiver(String node, List<Update> taken) {
    UpdateTopicReceiver receiver =
        new UpdateTopicReceiver(node, taken::addAll, new CountingMeters());
    return (sender, batch) -> {
      if (receiver.wants(sender)) {
        receiver.receive(batch);
      }
    };
  }

  static Update update(long revision) {
    return new Update(
        revision,
        1,
        GROUP,
        revision,
        EntryKind.MESSAGE_POSTED,
        1,
        0,
        0,
        revision,
        ("{\"seq\":" + revision + "}").getBytes(UTF_8));
  }

  static List<Update> updates(long from, long to) {
    List<Update> updates = new ArrayList<>();
    for (long revision = from; revision <= to; revision++) {
      updates.add(update(revision));
    }
    return updates;
  }
}
