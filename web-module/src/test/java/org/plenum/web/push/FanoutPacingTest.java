package org.plenum.web.push;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.plenum.group.api.EntryKind;
import org.plenum.group.api.GroupId;

/** When a fan-out thread flushes; the thread runs, so that its waits are real. */
class FanoutPacingTest {
  private static final Duration NEVER = Duration.ofMinutes(10);

  private final GroupId group = new GroupId(new UUID(0x0199c0de00007000L, 0x8000000000000001L));
  private World world;
  private World.Socket socket;
  private Thread thread;

  private void start(Duration answerWait) {
    world = new World(World.config(1, answerWait));
    world.commit(EntryKind.GROUP_CREATED, group, 1, 0);
    world.settle();
    socket = world.open(1);
    world.hub().join(socket.connection(), Map.of(), 0);
    world.settle();
    thread = Thread.ofPlatform().daemon().start(world.workers()[0]);
    await().until(() -> thread.getState() == Thread.State.WAITING);
  }

  @AfterEach
  void stop() throws InterruptedException {
    world.workers()[0].stop();
    assertThat(thread.join(Duration.ofSeconds(10))).isTrue();
  }

  private boolean received(String type) {
    return socket.frames().stream().anyMatch(frame -> frame.contains("\"type\":\"" + type + "\""));
  }

  private void post() {
    world.commit(EntryKind.MESSAGE_POSTED, group, 1, 0);
    world.deliver(1);
  }

  private static Frame frame(String type) {
    return Frame.text("{\"type\":\"" + type + "\"}");
  }

  @Test
  void theAnswerToAWriteLeavesInOneWriteWithTheUpdate() {
    start(NEVER);
    int before = socket.sink().writes();
    socket.connection().answerWrite(frame("ack"), group);
    await().until(() -> thread.getState() == Thread.State.TIMED_WAITING);
    assertThat(received("ack")).isFalse();

    post();

    await().until(() -> received("updates"));
    assertThat(received("ack")).isTrue();
    assertThat(socket.sink().writes()).isEqualTo(before + 1);
  }

  @Test
  void anAnswerWithoutAnUpdateLeavesAfterTheWait() {
    start(Duration.ofMillis(1));
    socket.connection().answerWrite(frame("ack"), group);
    await().until(() -> received("ack"));
  }

  @Test
  void anythingElseLeavesAtOnceAndTakesTheAnswerWithIt() {
    start(NEVER);
    socket.connection().answerWrite(frame("ack"), group);
    await().until(() -> thread.getState() == Thread.State.TIMED_WAITING);

    World.Socket other = world.open(2);
    other.connection().answer(frame("pong"), null);

    await().until(() -> !ServerFrames.read(other.sink().sent()).isEmpty());
    await().until(() -> received("ack"));
  }
}
