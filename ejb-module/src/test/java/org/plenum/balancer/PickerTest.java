package org.plenum.balancer;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Shares of ten thousand requests. */
class PickerTest {
  private static final int REQUESTS = 10_000;
  private static final long SEED = 20261127;

  private static List<Peer> peers(int count) {
    return IntStream.rangeClosed(1, count)
        .mapToObj(i -> new Peer("node" + i, URI.create("http://127.0.0.1:" + (1_000 + i)), 10))
        .toList();
  }

  /** So many requests, of which some are always open; the oldest ends first. */
  private static Map<Peer, Long> shares(Picker picker, List<Peer> peers, int open) {
    Deque<Peer> working = new ArrayDeque<>();
    return IntStream.range(0, REQUESTS)
        .mapToObj(
            i -> {
              if (working.size() == open) {
                working.remove().end(false, false);
              }
              Peer peer = picker.pick(peers);
              peer.begin(false);
              working.add(peer);
              return peer;
            })
        .collect(Collectors.groupingBy(Function.identity(), Collectors.counting()));
  }

  private static void assertEven(Map<Peer, Long> shares, List<Peer> peers) {
    double even = (double) REQUESTS / peers.size();
    for (Peer peer : peers) {
      assertThat((double) shares.getOrDefault(peer, 0L))
          .as(peer.name() + ", seed " + SEED)
          .isBetween(0.95 * even, 1.05 * even);
    }
  }

  @Test
  void atRandomEachHasItsShareWithinFivePercent() {
    Random random = new Random(SEED);
    for (int count : new int[] {1, 2, 3, 5}) {
      List<Peer> peers = peers(count);
      assertEven(shares(Picker.of(Choice.RANDOM, random::nextInt), peers, 8), peers);
    }
  }

  @Test
  void inTurnEachHasTheSame() {
    for (int count : new int[] {1, 2, 3, 5}) {
      List<Peer> peers = peers(count);
      assertThat(shares(Picker.of(Choice.EVEN, bound -> 0), peers, 8).values())
          .allSatisfy(
              share ->
                  assertThat(share)
                      .isBetween(
                          (long) REQUESTS / peers.size(), (long) REQUESTS / peers.size() + 1));
    }
  }

  @Test
  void byLoadNodesThatAreEquallyLoadedHaveTheSameWithinFivePercent() {
    for (int count : new int[] {1, 2, 3, 5}) {
      List<Peer> peers = peers(count);
      assertEven(shares(Picker.of(Choice.BY_LOAD, bound -> 0), peers, 1), peers);
      List<Peer> busy = peers(count);
      assertEven(shares(Picker.of(Choice.BY_LOAD, bound -> 0), busy, 12), busy);
    }
  }

  @Test
  void byLoadANodeWithHalfOfItsTimeLeftHasAboutHalfAsMuch() {
    List<Peer> peers = peers(2);
    peers.get(1).uses(0.5);
    Map<Peer, Long> shares = shares(Picker.of(Choice.BY_LOAD, bound -> 0), peers, 12);
    assertThat((double) shares.get(peers.get(1)) / shares.get(peers.get(0))).isBetween(0.35, 0.6);
  }

  @Test
  void byLoadANodeThatAnswersSlowlyGetsNothingMoreWhileAnotherIsIdle() {
    List<Peer> peers = peers(2);
    peers.get(0).begin(false);
    Picker picker = Picker.of(Choice.BY_LOAD, bound -> 0);
    for (int i = 0; i < 100; i++) {
      assertThat(picker.pick(peers)).isSameAs(peers.get(1));
    }
  }

  @Test
  void aStreamGoesToTheNodeWithTheFewest() {
    List<Peer> peers = peers(3);
    Picker picker = Picker.fewestStreams();
    for (int i = 0; i < 300; i++) {
      picker.pick(peers).begin(true);
    }
    assertThat(peers).allSatisfy(peer -> assertThat(peer.streams()).isEqualTo(100));
    for (int i = 0; i < 30; i++) {
      peers.get(1).end(true, false);
    }
    for (int i = 0; i < 30; i++) {
      assertThat(picker.pick(peers)).isSameAs(peers.get(1));
      peers.get(1).begin(true);
    }
  }
}
