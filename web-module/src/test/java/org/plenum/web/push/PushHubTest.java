package org.plenum.web.push;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.plenum.group.api.EntryKind;
import org.plenum.group.api.GroupId;
import org.plenum.platform.ErrorCode;
import org.plenum.platform.ServiceException;
import org.plenum.report.api.NewReport;
import org.plenum.report.api.ReportAnswer;
import org.plenum.report.api.ReportChannel;
import org.plenum.web.limits.RateLimiter;
import org.plenum.web.report.ReportRequests;

class PushHubTest {
  private static final Pattern SEQ = Pattern.compile("\"seq\":(\\d+)");
  private static final Pattern GROUP = Pattern.compile("\"group\":\"([^\"]+)\"");
  private static final Pattern HEAD = Pattern.compile("\"head\":(\\d+)");

  private final World world = new World(2);
  private final GroupId group = group(1);

  private static GroupId group(long number) {
    return new GroupId(new UUID(0x0199c0de00007000L, 0x8000000000000000L | number));
  }

  private World.Socket joined(long account) {
    World.Socket socket = world.open(account);
    world.hub().join(socket.connection(), Map.of(), 0);
    world.settle();
    return socket;
  }

  private void create(GroupId id, long... members) {
    world.commit(EntryKind.GROUP_CREATED, id, members[0], 0);
    for (int i = 1; i < members.length; i++) {
      world.commit(EntryKind.MEMBER_JOINED, id, members[0], members[i]);
    }
    world.settle();
  }

  private void post(GroupId id, int count) {
    for (int i = 0; i < count; i++) {
      world.commit(EntryKind.MESSAGE_POSTED, id, 1, 0);
    }
  }

  private static List<Long> seqs(World.Socket socket, GroupId id) {
    List<Long> seqs = new ArrayList<>();
    for (String frame : socket.frames()) {
      if (frame.contains("\"type\":\"updates\"") && frame.contains(id.toString())) {
        Matcher matcher = SEQ.matcher(frame);
        while (matcher.find()) {
          seqs.add(Long.parseLong(matcher.group(1)));
        }
      }
    }
    return seqs;
  }

  private static long frames(World.Socket socket, String type) {
    return socket.frames().stream().filter(f -> f.contains("\"type\":\"" + type + "\"")).count();
  }

  @Test
  void theWelcomeCarriesAccountAndHeads() {
    create(group, 1, 2);
    World.Socket socket = joined(2);
    assertThat(socket.frames())
        .containsExactly(
            "{\"type\":\"welcome\",\"account\":{\"id\":2,\"name\":\"name2\",\"displayName\":\"Name"
                + " 2\"},\"node\":\"test\",\"heads\":{\""
                + group
                + "\":{\"seq\":2,\"no\":2,\"read\":0}}}");
  }

  @Test
  void whatWaitsIsOneFrameForEverybody() {
    create(group, 1, 2);
    World.Socket one = joined(1);
    World.Socket two = joined(2);
    post(group, 3);
    world.settle();
    assertThat(seqs(one, group)).containsExactly(3L, 4L, 5L);
    assertThat(seqs(two, group)).containsExactly(3L, 4L, 5L);
    assertThat(frames(one, "updates")).isEqualTo(1);
    assertThat(world.counts).containsEntry("push_deliveries_total", 6L);
  }

  @Test
  void othersSeeNothing() {
    create(group, 1, 2);
    World.Socket outsider = joined(3);
    post(group, 3);
    world.settle();
    assertThat(outsider.frames()).hasSize(1);
  }

  @Test
  void aNewMemberGetsTheGroupFromItsJoiningOn() {
    create(group, 1);
    World.Socket socket = joined(2);
    post(group, 2);
    world.commit(EntryKind.MEMBER_JOINED, group, 2, 2);
    post(group, 2);
    world.settle();
    assertThat(seqs(socket, group)).containsExactly(4L, 5L, 6L);
    assertThat(socket.frames().get(1))
        .isEqualTo(
            "{\"type\":\"membership\",\"group\":\""
                + group
                + "\",\"change\":\"joined\",\"seq\":4}");
  }

  @Test
  void aRemovedMemberGetsNothingMore() {
    create(group, 1, 2);
    World.Socket removed = joined(2);
    World.Socket stays = joined(1);
    post(group, 1);
    world.settle();
    world.commit(EntryKind.MEMBER_REMOVED, group, 1, 2);
    post(group, 2);
    world.settle();
    assertThat(seqs(removed, group)).containsExactly(3L);
    assertThat(frames(removed, "membership")).isEqualTo(1);
    assertThat(seqs(stays, group)).containsExactly(3L, 4L, 5L, 6L);
  }

  @Test
  void aRemovalAlsoDropsWhatStillWaitsForASlowSocket() {
    create(group, 1, 2);
    World.Socket slow = joined(2);
    slow.sink().fill();
    post(group, 2);
    world.settle();
    world.commit(EntryKind.MEMBER_BANNED, group, 1, 2);
    world.settle();
    slow.sink().makeRoom();
    world.settle();
    assertThat(seqs(slow, group)).isEmpty();
    assertThat(frames(slow, "membership")).isEqualTo(1);
  }

  @Test
  void aDissolvedGroupEndsWithItsLastEntry() {
    create(group, 1, 2);
    World.Socket socket = joined(2);
    world.commit(EntryKind.GROUP_DISSOLVED, group, 1, 0);
    world.settle();
    assertThat(seqs(socket, group)).containsExactly(3L);
    assertThat(socket.connection().subscriptions()).isEmpty();
  }

  @Test
  void ownReadPositionsComeFromOtherDevices() {
    create(group, 1, 2);
    World.Socket own = joined(2);
    World.Socket other = joined(1);
    world.commit(EntryKind.READ_MARKED, group, 2, 0);
    world.settle();
    assertThat(frames(own, "read")).isEqualTo(1);
    assertThat(frames(other, "read")).isZero();
  }

  @Test
  void aFullQueueDropsTheGroupAndResyncsWhenThereIsRoom() {
    create(group, 1, 2);
    World.Socket slow = joined(2);
    slow.sink().fill();
    for (int i = 0; i < 1_100; i++) {
      post(group, 1);
      world.settle();
    }
    slow.sink().makeRoom();
    world.settle();
    post(group, 1);
    world.settle();
    assertThat(frames(slow, "resync")).isEqualTo(1);
    assertThat(seqs(slow, group)).containsExactly(world.headSeq(group, world.log.size()));
    assertThat(world.counts).containsEntry("push_queue_overflows_total", 1L);
  }

  @Test
  void aResumeFillsTheGapBeforeWhatIsLive() {
    create(group, 1, 2);
    post(group, 30);
    world.settle();
    World.Socket socket = world.open(2);
    world.hub().join(socket.connection(), Map.of(group, 5L), 0);
    world.settle();
    post(group, 2);
    world.settle();
    assertThat(seqs(socket, group)).first().isEqualTo(6L);
    assertThat(seqs(socket, group)).hasSize(29).isSorted();
  }

  @Test
  void aGapOfAQuietGroupIsReadOnceHoweverBusyTheOthersAre() {
    // One thread: both groups are its own.
    World one = new World(1);
    GroupId busy = group(2);
    one.commit(EntryKind.GROUP_CREATED, group, 1, 0);
    one.commit(EntryKind.MEMBER_JOINED, group, 1, 2);
    one.commit(EntryKind.GROUP_CREATED, busy, 3, 0);
    for (int i = 0; i < 20; i++) {
      one.commit(EntryKind.MESSAGE_POSTED, group, 1, 0);
    }
    for (int i = 0; i < 10_000; i++) {
      one.commit(EntryKind.READ_MARKED, busy, 3, 0);
    }
    one.settle();
    World.Socket socket = one.open(2);
    one.hub().join(socket.connection(), Map.of(group, 18L), 0);
    one.settle();
    assertThat(one.pagesRead).isEqualTo(1);
    assertThat(frames(socket, "resync")).isZero();
    one.commit(EntryKind.MESSAGE_POSTED, group, 1, 0);
    one.settle();
    assertThat(seqs(socket, group)).containsExactly(19L, 20L, 21L, 22L, 23L);
  }

  @Test
  void anErrorDoesNotEndAFanOutThread() {
    create(group, 1, 2);
    World.Socket socket = joined(2);
    for (FanoutWorker worker : world.workers()) {
      worker.post(
          self -> {
            throw new LinkageError("test");
          });
    }
    post(group, 2);
    world.settle();
    assertThat(seqs(socket, group)).containsExactly(3L, 4L);
  }

  @Test
  void aClientThatHasSeenMoreThanThereIsStartsOver() {
    create(group, 1, 2);
    post(group, 3);
    world.settle();
    World.Socket socket = world.open(2);
    world.hub().join(socket.connection(), Map.of(group, 60L), 0);
    awaitTheReader(11);
    assertThat(frames(socket, "resync")).as("not before it is certain").isZero();
    assertThat(frames(socket, "welcome")).isZero();
    awaitTheReader(1);
    assertThat(socket.frames())
        .contains(
            "{\"type\":\"resync\",\"group\":\"" + group + "\",\"head\":5,\"history\":\"other\"}");
    post(group, 1);
    world.settle();
    assertThat(seqs(socket, group)).containsExactly(6L);
  }

  /** Lets the time pass in which a reader may catch up. */
  private void awaitTheReader(int ticks) {
    for (int i = 0; i < ticks; i++) {
      world.settle();
      world.hub().tick(0);
    }
    world.settle();
  }

  @Test
  void aClientThatMovesToANodeThatIsBehindLosesNothingAndIsToldOfNoOtherHistory() {
    create(group, 1, 2);
    post(group, 3);
    world.settle();
    World.Socket socket = world.open(2);
    world.hub().join(socket.connection(), Map.of(group, 7L), 0);
    awaitTheReader(8);
    assertThat(frames(socket, "welcome")).isZero();
    post(group, 3);
    awaitTheReader(1);
    assertThat(frames(socket, "welcome")).isEqualTo(1);
    assertThat(frames(socket, "resync")).isZero();
    assertThat(seqs(socket, group)).containsExactly(8L);
  }

  @Test
  void aNodeThatIsStillBehindSaysNothingOfHistoriesButClosesTheSocket() {
    create(group, 1, 2);
    world.settle();
    world.lagMillis = 1_500;
    World.Socket socket = world.open(2);
    world.hub().join(socket.connection(), Map.of(group, 7L), 0);
    awaitTheReader(12);
    assertThat(frames(socket, "resync")).isZero();
    assertThat(socket.frames()).last().isEqualTo("close:1013");
  }

  @Test
  void whoeverIsAheadHoldsNoThread() {
    create(group, 1, 2);
    world.settle();
    for (int i = 0; i < 4; i++) {
      world.hub().join(world.open(2).connection(), Map.of(group, 7L), 0);
    }
    world.settle();
    assertThat(world.background).isEmpty();
    world.hub().tick(0);
    assertThat(world.background).as("one short read each").hasSize(4);
  }

  @Test
  void aGapBeyondTheBoundIsLeftToTheClient() {
    create(group, 1, 2);
    post(group, 60);
    world.settle();
    World.Socket socket = world.open(2);
    world.hub().join(socket.connection(), Map.of(group, 1L), 0);
    world.settle();
    assertThat(socket.frames())
        .contains("{\"type\":\"resync\",\"group\":\"" + group + "\",\"head\":62}");
    assertThat(seqs(socket, group)).isEmpty();
  }

  @Test
  void serverSentEventsResumeByPosition() {
    create(group, 1, 2);
    post(group, 3);
    world.settle();
    World.Socket socket = world.open(2, Frame.Framing.EVENTS);
    world.hub().join(socket.connection(), Map.of(), 3);
    world.settle();
    assertThat(socket.frames()).hasSize(2);
    assertThat(socket.frames().get(1)).startsWith("data: {\"type\":\"updates\"");
    assertThat(seqs(socket, group)).containsExactly(4L, 5L);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 3})
  void aResumeByPositionLosesNothingThatFanOutHasStillToHandle(int handled) {
    create(group, 1, 2);
    post(group, 3);
    world.deliver(handled);
    for (FanoutWorker worker : world.workers()) {
      worker.runOnce();
    }
    world.readerRevision = world.log.size();
    World.Socket socket = world.open(2, Frame.Framing.EVENTS);
    world.hub().join(socket.connection(), Map.of(), 2);
    world.background.remove().run();
    for (FanoutWorker worker : world.workers()) {
      worker.runOnce();
    }
    world.settle();
    post(group, 1);
    world.settle();
    assertThat(seqs(socket, group)).containsExactly(3L, 4L, 5L, 6L);
    assertThat(frames(socket, "resync")).isZero();
  }

  @Test
  void aResumeByPositionLosesNothingWhenHeadsAreAheadOfTheMemberships() {
    create(group, 1, 2);
    post(group, 3);
    world.deliver(3);
    for (FanoutWorker worker : world.workers()) {
      worker.runOnce();
    }
    world.headsAhead = 3;
    World.Socket socket = world.open(2, Frame.Framing.EVENTS);
    world.hub().join(socket.connection(), Map.of(), 2);
    world.background.remove().run();
    world.settle();
    assertThat(seqs(socket, group)).containsExactly(3L, 4L, 5L);
  }

  @Test
  void aJoinThatIsReadAgainTellsTheNewHeadsSoThatWhatCameMeanwhileIsNoSecret() {
    create(group, 1, 2);
    int behind = world.readerRevision;
    post(group, 100);
    world.settle();
    world.readerRevision = behind;
    World.Socket socket = world.open(2);
    world.hub().join(socket.connection(), Map.of(), 0);
    world.background.remove().run();
    for (FanoutWorker worker : world.workers()) {
      worker.runOnce();
    }
    assertThat(socket.frames()).hasSize(1).first().asString().contains("\"seq\":2,");
    assertThat(world.background).as("the snapshot is older than what fan-out remembers").hasSize(1);

    world.settle();
    assertThat(socket.frames()).hasSize(2).last().asString().contains("\"seq\":102,");
    post(group, 1);
    world.settle();
    assertThat(seqs(socket, group)).containsExactly(103L);
  }

  @Test
  void aFailingUpdateClosesTheSocketsAndTheRestOfItsBatchIsHandled() {
    create(group, 1, 2);
    World.Socket removed = joined(2);
    World.Socket joining = joined(3);
    post(group, 1);
    world.commit(EntryKind.MEMBER_JOINED, group, 1, 3);
    world.commit(EntryKind.MEMBER_REMOVED, group, 1, 2);
    world.failingCounter = "push_deliveries_total";
    world.settle();
    world.failingCounter = null;
    post(group, 1);
    world.settle();
    assertThat(removed.frames()).last().isEqualTo("close:1013");
    assertThat(joining.frames()).last().isEqualTo("close:1013");
    assertThat(removed.connection().subscriptions()).isEmpty();
    World.Socket again = joined(3);
    post(group, 1);
    world.settle();
    assertThat(seqs(again, group)).containsExactly(world.headSeq(group, world.log.size()));
  }

  @Test
  void aFailingFlushClosesTheSocketsAndFanOutGoesOn() {
    create(group, 1, 2);
    World.Socket socket = joined(2);
    post(group, 1);
    world.failingCounter = "push_deliveries_total";
    world.settle();
    world.failingCounter = null;
    assertThat(socket.frames()).last().isEqualTo("close:1013");
    World.Socket again = joined(2);
    post(group, 1);
    world.settle();
    assertThat(seqs(again, group)).containsExactly(world.headSeq(group, world.log.size()));
  }

  @Test
  void aFailingJoinClosesTheSocketSoThatItNeverMissesInSilence() {
    create(group, 1, 2);
    post(group, 60);
    world.settle();
    world.failingCounter = "push_resyncs_total";
    World.Socket far = world.open(2);
    World.Socket other = joined(1);

    world.hub().join(far.connection(), Map.of(group, 1L), 0);
    world.settle();

    assertThat(far.connection().closing()).isTrue();
    world.failingCounter = null;
    post(group, 1);
    world.settle();
    assertThat(seqs(other, group)).containsExactly(63L);
  }

  @Test
  void aGapThatFanOutFailsToFillClosesTheSocket() {
    create(group, 1, 2);
    post(group, 20);
    world.settle();
    world.failingCounter = "push_resyncs_total";
    World.Socket socket = world.open(2);
    world.hub().join(socket.connection(), Map.of(group, 1L), 0);
    world.background.remove().run();
    for (FanoutWorker worker : world.workers()) {
      worker.runOnce();
    }
    // The page is read after the member has left: it is refused, and the resync in its place fails.
    world.readerRevision = 0;
    while (!world.background.isEmpty()) {
      world.background.remove().run();
    }
    world.settle();

    assertThat(socket.connection().closing()).isTrue();
  }

  @Test
  void aReportIsAcknowledgedWhenItIsDurableOrRefusedWithItsReason() {
    CompletableFuture<ReportAnswer> durable = new CompletableFuture<>();
    NewReport report =
        new NewReport(
            "account/ada",
            "key",
            "state",
            null,
            null,
            Instant.EPOCH,
            "{}",
            ReportChannel.WEBSOCKET,
            null);
    MessageHandler handler =
        new MessageHandler(
            world.hub(),
            envelope -> {
              throw new AssertionError("no command was sent");
            },
            (account, json, id) -> {
              if (json.contains("bad")) {
                throw new ServiceException(ErrorCode.INVALID_VALUE, "not this");
              }
              return new ReportRequests.Submitted(report, durable);
            },
            new RateLimiter<>(1, Duration.ofHours(1), 1, 10, () -> 0),
            world.clock);
    World.Socket socket = world.open(1);
    handler.handle(socket.connection(), new ClientMessage.Report("a", "{}"));
    world.settle();
    assertThat(socket.frames()).last().asString().contains("say hello first");
    handler.handle(socket.connection(), new ClientMessage.Hello(Map.of()));
    world.settle();
    handler.handle(socket.connection(), new ClientMessage.Report("b", "{\"bad\":1}"));
    handler.handle(socket.connection(), new ClientMessage.Report("c", "{}"));
    world.settle();
    assertThat(socket.frames()).last().asString().contains("INVALID_VALUE").contains("\"b\"");
    assertThat(frames(socket, "ack")).isZero();

    durable.complete(new ReportAnswer.Accepted(1, 1));
    world.settle();
    assertThat(socket.frames())
        .last()
        .isEqualTo("{\"type\":\"ack\",\"id\":\"c\",\"report\":\"" + report.id() + "\"}");
  }

  @Test
  void theFirstHelloIsFreeAndFurtherOnesAndPingsAreLimited() {
    RateLimiter<Long> writes = new RateLimiter<>(1, Duration.ofHours(1), 1, 10, () -> 0);
    MessageHandler handler =
        new MessageHandler(
            world.hub(),
            envelope -> {
              throw new AssertionError("no command was sent");
            },
            (account, json, id) -> {
              throw new AssertionError("no report was sent");
            },
            writes,
            world.clock);
    World.Socket socket = world.open(1);
    for (int i = 0; i < 4; i++) {
      handler.handle(socket.connection(), new ClientMessage.Hello(Map.of()));
      world.settle();
    }
    assertThat(frames(socket, "welcome")).isEqualTo(2);
    assertThat(frames(socket, "error")).isEqualTo(2);
    assertThat(socket.frames()).last().asString().contains("RATE_LIMITED");
    for (int i = 0; i < 1_000; i++) {
      handler.handle(socket.connection(), new ClientMessage.Ping());
      world.settle();
    }
    assertThat(frames(socket, "pong")).isBetween(100L, 999L);
    assertThat(socket.frames()).last().asString().contains("RATE_LIMITED");
  }

  @Test
  void anUnknownPositionIsAnsweredWithResync() {
    create(group, 1, 2);
    post(group, 200);
    world.settle();
    World.Socket socket = world.open(2, Frame.Framing.EVENTS);
    world.hub().join(socket.connection(), Map.of(), 3);
    world.settle();
    assertThat(frames(socket, "resync")).isEqualTo(1);
  }

  @Test
  void socketsAreBoundedByAccount() {
    for (int i = 0; i < 4; i++) {
      world.hub().admit(9);
    }
    assertThatThrownBy(() -> world.hub().admit(9)).isInstanceOf(ServiceException.class);
    world.hub().release(9);
    world.hub().admit(9);
    assertThat(world.hub().sockets()).isEqualTo(4);
  }

  @Test
  void anExpiredTokenEndsTheSocketWithABye() {
    World.Socket socket = joined(1);
    world.clock.advance(Duration.ofHours(2));
    for (int phase = 0; phase < 4; phase++) {
      world.hub().tick(phase);
    }
    world.settle();
    assertThat(socket.frames().subList(1, 3))
        .containsExactly("{\"type\":\"bye\",\"code\":\"TOKEN_EXPIRED\"}", "close:1008");
    socket.connection().peerClosed(1008);
    world.settle();
    assertThat(socket.sink().closed()).isTrue();
    assertThat(world.hub().sockets()).isZero();
  }

  @Test
  void aChangedPasswordEndsTheSocketsOfThatAccountAlone() {
    World.Socket one = joined(1);
    World.Socket two = joined(2);
    world.accounts.revokeTokens(1, world.clock.instant().plusSeconds(1));

    world.hub().review(1);
    world.hub().review(2);
    world.settle();

    assertThat(one.frames())
        .endsWith("{\"type\":\"bye\",\"code\":\"TOKEN_REJECTED\"}", "close:1008");
    assertThat(two.frames()).noneMatch(frame -> frame.startsWith("close"));
  }

  @Test
  void aDisabledAccountLosesItsSockets() {
    World.Socket socket = joined(1);
    world.accounts.setDisabled(1, true);

    world.hub().review(1);
    world.settle();

    assertThat(socket.frames())
        .endsWith("{\"type\":\"bye\",\"code\":\"ACCOUNT_DISABLED\"}", "close:1008");
  }

  @Test
  void lostUpdatesCloseEverySocketSoThatItResumes() {
    create(group, 1, 2);
    World.Socket socket = joined(2);
    post(group, 3);
    world.hub().onUpdates(world.log.subList(world.log.size() - 1, world.log.size()));
    for (FanoutWorker worker : world.workers()) {
      worker.runOnce();
    }
    assertThat(socket.frames()).last().isEqualTo("close:1013");
  }

  @Test
  void typingIsToldToTheOthers() {
    create(group, 1, 2, 3);
    World.Socket one = joined(1);
    World.Socket two = joined(2);
    World.Socket outsider = joined(4);
    for (FanoutWorker worker : world.workers()) {
      worker.live().typing(one.connection(), group, one.connection().caller().account().actor());
      worker
          .live()
          .typing(outsider.connection(), group, outsider.connection().caller().account().actor());
    }
    world.settle();
    assertThat(frames(one, "typing")).isZero();
    assertThat(frames(two, "typing")).isEqualTo(1);
  }

  /** What a client knows about one group; fails the test when the stream breaks its promise. */
  private static final class ClientView {
    private long last = -1;
    private boolean member;

    void updates(List<Long> seqs, String context) {
      assertThat(member).as("member " + context).isTrue();
      for (long seq : seqs) {
        if (seq > last) {
          assertThat(seq).as("contiguous " + context).isEqualTo(last + 1);
          last = seq;
        }
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 3, 4, 5, 6, 7})
  void everyInterleavingOfJoiningAndStreamIsContiguousAndAuthorised(int block) {
    for (int i = 0; i < 250; i++) {
      interleave(block * 250L + i);
    }
  }

  private void interleave(long seed) {
    Random random = new Random(seed);
    World node = new World(random.nextInt(1, 4));
    List<GroupId> groups = List.of(group(1), group(2), group(3));
    for (GroupId id : groups) {
      node.commit(EntryKind.GROUP_CREATED, id, 1, 0);
    }
    List<World.Socket> sockets = new ArrayList<>();
    Map<World.Socket, Map<GroupId, Long>> resumed = new HashMap<>();
    for (int step = 0; step < 120; step++) {
      switch (random.nextInt(10)) {
        case 0, 1, 2 -> change(node, random, groups);
        case 3 -> node.deliver(1 + random.nextInt(4));
        case 4 -> node.readerRevision += random.nextInt(node.log.size() - node.readerRevision + 1);
        case 5, 6 -> {
          if (!node.background.isEmpty()) {
            Runnable task =
                random.nextBoolean() ? node.background.removeFirst() : node.background.removeLast();
            task.run();
          }
        }
        case 7, 8 -> node.workers()[random.nextInt(node.workers().length)].runOnce();
        default -> {
          if (sockets.size() < 4) {
            World.Socket socket = node.open(2 + random.nextInt(2));
            Map<GroupId, Long> resume = new HashMap<>();
            for (GroupId id : groups) {
              long head = node.headSeq(id, node.readerRevision);
              if (random.nextBoolean() && head > 0) {
                resume.put(id, random.nextLong(head + 1));
              }
            }
            sockets.add(socket);
            resumed.put(socket, resume);
            node.hub().join(socket.connection(), resume, 0);
          }
        }
      }
    }
    node.settle();
    for (GroupId id : groups) {
      node.commit(EntryKind.MESSAGE_POSTED, id, 1, 0);
    }
    node.settle();
    for (World.Socket socket : sockets) {
      verify(node, socket, groups, resumed.getOrDefault(socket, Map.of()), "seed " + seed);
    }
  }

  private static void change(World node, Random random, List<GroupId> groups) {
    GroupId id = groups.get(random.nextInt(groups.size()));
    long who = 2L + random.nextInt(2);
    boolean member = node.member(id, who, node.log.size());
    if (random.nextInt(3) > 0) {
      node.commit(EntryKind.MESSAGE_POSTED, id, 1, 0);
    } else if (member) {
      node.commit(EntryKind.MEMBER_REMOVED, id, 1, who);
    } else {
      node.commit(EntryKind.MEMBER_JOINED, id, 1, who);
    }
  }

  private static ClientView viewOf(Map<GroupId, ClientView> views, GroupId id) {
    return views.computeIfAbsent(id, unused -> new ClientView());
  }

  private static void verify(
      World node,
      World.Socket socket,
      List<GroupId> groups,
      Map<GroupId, Long> resume,
      String context) {
    Map<GroupId, ClientView> views = new HashMap<>();
    for (String frame : socket.frames()) {
      if (frame.contains("\"welcome\"")) {
        for (GroupId id : groups) {
          Matcher head = Pattern.compile(id + "\":\\{\"seq\":(\\d+)").matcher(frame);
          if (head.find()) {
            ClientView view = viewOf(views, id);
            view.member = true;
            long at = Long.parseLong(head.group(1));
            view.last = Math.min(at, resume.getOrDefault(id, at));
          }
        }
        continue;
      }
      Matcher named = GROUP.matcher(frame);
      if (!named.find()) {
        continue;
      }
      ClientView view = viewOf(views, GroupId.parse(named.group(1)));
      if (frame.contains("\"updates\"")) {
        List<Long> seqs = new ArrayList<>();
        Matcher matcher = SEQ.matcher(frame);
        while (matcher.find()) {
          seqs.add(Long.parseLong(matcher.group(1)));
        }
        view.updates(seqs, context + " " + frame);
      } else if (frame.contains("\"resync\"")) {
        Matcher head = HEAD.matcher(frame);
        assertThat(head.find()).isTrue();
        view.last = Math.max(view.last, Long.parseLong(head.group(1)));
      } else if (frame.contains("\"joined\"")) {
        Matcher seq = SEQ.matcher(frame);
        assertThat(seq.find()).isTrue();
        view.member = true;
        view.last = Long.parseLong(seq.group(1)) - 1;
      } else if (frame.contains("\"removed\"")) {
        view.member = false;
      }
    }
    for (GroupId id : groups) {
      boolean member = node.member(id, socket.connection().account(), node.log.size());
      assertThat(viewOf(views, id).member).as(context + " member of " + id).isEqualTo(member);
      if (member) {
        assertThat(viewOf(views, id).last)
            .as(context + " has all of " + id)
            .isEqualTo(node.headSeq(id, node.log.size()));
      }
    }
  }
}
