package org.plenum.web.push;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeSet;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.plenum.group.api.EntryKind;
import org.plenum.group.api.GroupId;

/**
 * A client of server-sent events that knows nothing but {@code Last-Event-ID}: wherever it is cut
 * off, what it has seen and what it gets after its reconnect are everything.
 */
class EventIdsTest {
  private static final Pattern SEQ = Pattern.compile("\"seq\":(\\d+)");
  private static final Pattern GROUP = Pattern.compile("\"group\":\"([^\"]+)\"");
  private static final Pattern HEAD = Pattern.compile("\"head\":(\\d+)");
  private static final List<GroupId> GROUPS = List.of(group(1), group(2), group(3), group(4));
  private static final int PHASES = 4;
  private static final long READER = 2;

  private static GroupId group(long number) {
    return new GroupId(new UUID(0x0199c0de00007000L, 0x8000000000000000L | number));
  }

  /** What a client has of each group, and the id that it would reconnect with. */
  private static final class Client {
    private final Map<GroupId, Long> from = new HashMap<>();
    private final Map<GroupId, TreeSet<Long>> seen = new HashMap<>();
    private long lastId;

    void take(String event) {
      String data = "";
      long id = lastId;
      for (String line : event.split("\n", -1)) {
        if (line.startsWith("id: ")) {
          id = Long.parseLong(line.substring(4));
        } else if (line.startsWith("data: ")) {
          data = line.substring(6);
        }
      }
      if (data.contains("\"type\":\"welcome\"")) {
        for (GroupId each : GROUPS) {
          Matcher head = Pattern.compile(each + "\":\\{\"seq\":(\\d+)").matcher(data);
          if (head.find()) {
            from.putIfAbsent(each, Long.parseLong(head.group(1)));
          }
        }
      } else if (data.contains("\"type\":\"updates\"")) {
        Matcher matcher = SEQ.matcher(data);
        while (matcher.find()) {
          of(data).add(Long.parseLong(matcher.group(1)));
        }
      } else if (data.contains("\"type\":\"resync\"")) {
        // The client is told to fetch, and does.
        Matcher head = HEAD.matcher(data);
        assertThat(head.find()).isTrue();
        for (long seq = 1; seq <= Long.parseLong(head.group(1)); seq++) {
          of(data).add(seq);
        }
      }
      lastId = id;
    }

    private TreeSet<Long> of(String data) {
      Matcher named = GROUP.matcher(data);
      assertThat(named.find()).isTrue();
      return seen.computeIfAbsent(GroupId.parse(named.group(1)), id -> new TreeSet<>());
    }

    void assertEverything(World node, String context) {
      for (GroupId each : GROUPS) {
        long head = node.headSeq(each, node.log.size());
        List<Long> missing = new ArrayList<>();
        for (long seq = from.getOrDefault(each, head) + 1; seq <= head; seq++) {
          if (!seen.getOrDefault(each, new TreeSet<>()).contains(seq)) {
            missing.add(seq);
          }
        }
        assertThat(missing).as("%s, missing of %s of %d", context, each, head).isEmpty();
      }
    }
  }

  /** The first events of a stream; what was cut off in the middle of one is no event. */
  private static Client after(List<String> events, int count) {
    Client client = new Client();
    events.subList(0, count).forEach(client::take);
    return client;
  }

  private static List<String> events(World.Socket socket) {
    List<String> events = new ArrayList<>();
    String text = new String(socket.sink().sent(), UTF_8);
    for (int end = text.indexOf("\n\n"); end >= 0; end = text.indexOf("\n\n")) {
      events.add(text.substring(0, end));
      text = text.substring(end + 2);
    }
    return events;
  }

  private static World chat(int threads) {
    World node = new World(threads);
    for (GroupId each : GROUPS) {
      node.commit(EntryKind.GROUP_CREATED, each, 1, 0);
      node.commit(EntryKind.MEMBER_JOINED, each, 1, READER);
    }
    node.settle();
    return node;
  }

  private static World.Socket open(World node) {
    World.Socket socket = node.open(READER, Frame.Framing.EVENTS);
    node.hub().join(socket.connection(), Map.of(), 0);
    return socket;
  }

  private static void tick(World node) {
    for (int phase = 0; phase < PHASES; phase++) {
      node.hub().tick(phase);
    }
  }

  @Test
  void theFirstEventHasAnIdAndAnotherFollowsWhatIsNew() {
    World node = chat(2);
    World.Socket socket = open(node);
    node.settle();
    long start = node.log.size();
    assertThat(events(socket)).hasSize(1);
    assertThat(after(events(socket), 1).lastId).isEqualTo(start);

    for (GroupId each : GROUPS) {
      node.commit(EntryKind.MESSAGE_POSTED, each, 1, 0);
    }
    node.settle();
    assertThat(after(events(socket), events(socket).size()).lastId).isEqualTo(start);
    tick(node);
    node.settle();
    assertThat(events(socket).getLast())
        .isEqualTo("id: " + (start + 4) + "\ndata: {\"type\":\"heartbeat\",\"heads\":{}}");
    int count = events(socket).size();
    tick(node);
    node.settle();
    assertThat(events(socket)).as("no second id without news").hasSize(count);
  }

  @Test
  void whileAThreadIsBehindThereIsNoNewId() {
    World node = chat(2);
    World.Socket socket = open(node);
    node.settle();
    long start = node.log.size();
    for (GroupId each : GROUPS) {
      node.commit(EntryKind.MESSAGE_POSTED, each, 1, 0);
    }
    node.deliver(Integer.MAX_VALUE / 2);
    tick(node);
    node.workers()[0].runOnce();
    List<String> events = events(socket);
    assertThat(events).hasSizeGreaterThan(1);
    assertThat(after(events, events.size()).lastId).isEqualTo(start);
    node.settle();
    assertThat(after(events(socket), events(socket).size()).lastId).isEqualTo(start + 4);
  }

  @Test
  void framesThatAreDroppedForASlowClientTakeTheIdWithThem() {
    World node = chat(1);
    World.Socket socket = open(node);
    node.settle();
    long start = node.log.size();
    socket.sink().fill();
    node.commit(EntryKind.MESSAGE_POSTED, GROUPS.getFirst(), 1, 0);
    node.settle();
    tick(node);
    node.settle();
    while (node.counts.getOrDefault("push_queue_overflows_total", 0L) == 0) {
      assertThat(node.log.size()).isLessThan(20_000);
      node.commit(EntryKind.MESSAGE_POSTED, GROUPS.getFirst(), 1, 0);
      node.settle();
    }
    socket.sink().makeRoom();
    List<String> events = events(socket);
    assertThat(after(events, events.size()).lastId).isEqualTo(start);
    node.settle();
    after(events(socket), events(socket).size()).assertEverything(node, "after the resync");
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 3})
  void whereverTheClientIsCutOffItsReconnectLosesNothing(int block) {
    for (int i = 0; i < 25; i++) {
      cutEverywhere(block * 25L + i);
    }
  }

  private static void cutEverywhere(long seed) {
    Random random = new Random(seed);
    World node = chat(1 + random.nextInt(3));
    World.Socket socket = open(node);
    for (int step = 0; step < 150; step++) {
      switch (random.nextInt(10)) {
        case 0, 1, 2 -> {
          GroupId each = GROUPS.get(random.nextInt(GROUPS.size()));
          node.commit(EntryKind.MESSAGE_POSTED, each, 1, 0);
        }
        case 3, 4 -> node.deliver(1 + random.nextInt(4));
        case 5 -> node.readerRevision = node.log.size();
        case 6 -> {
          if (!node.background.isEmpty()) {
            node.background.removeFirst().run();
          }
        }
        case 7, 8 -> node.workers()[random.nextInt(node.workers().length)].runOnce();
        default -> tick(node);
      }
    }
    node.settle();
    List<String> events = events(socket);
    assertThat(events).as("seed %d", seed).hasSizeGreaterThan(1);
    for (int cut = 1; cut <= events.size(); cut++) {
      Client client = after(events, cut);
      assertThat(client.lastId).isPositive();
      World.Socket again = node.open(READER, Frame.Framing.EVENTS);
      node.hub().join(again.connection(), Map.of(), client.lastId);
      node.settle();
      assertThat(events(again)).noneMatch(event -> event.contains("resync"));
      events(again).forEach(client::take);
      client.assertEverything(node, "seed " + seed + ", cut after event " + cut);
      again.connection().outbound().kill();
      node.settle();
    }
  }
}
