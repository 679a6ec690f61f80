package org.plenum.balancer;

import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntUnaryOperator;
import java.util.function.ToDoubleFunction;

/** Chooses one of several peers. Thread-safe. */
interface Picker {
  /** One of them; there is at least one. */
  Peer pick(List<Peer> peers);

  /**
   * The picker of a choice.
   *
   * @param random a number from 0 to below its argument, for {@link Choice#RANDOM}
   */
  static Picker of(Choice choice, IntUnaryOperator random) {
    return switch (choice) {
      case RANDOM -> peers -> peers.get(random.applyAsInt(peers.size()));
      case EVEN -> new InTurn();
      case BY_LOAD -> new Least(Peer::load);
    };
  }

  /** The one with the fewest sockets and streams of this balancer. */
  static Picker fewestStreams() {
    return new Least(Peer::streams);
  }

  /** Each in turn. */
  final class InTurn implements Picker {
    private final AtomicInteger turn = new AtomicInteger();

    @Override
    public Peer pick(List<Peer> peers) {
      return peers.get(Math.floorMod(turn.getAndIncrement(), peers.size()));
    }
  }

  /** The one with the least of something; of equal ones each in turn, or the first had them all. */
  final class Least implements Picker {
    private final ToDoubleFunction<Peer> measure;
    private final AtomicInteger turn = new AtomicInteger();

    Least(ToDoubleFunction<Peer> measure) {
      this.measure = measure;
    }

    @Override
    public Peer pick(List<Peer> peers) {
      int first = Math.floorMod(turn.getAndIncrement(), peers.size());
      Peer best = peers.get(first);
      double least = measure.applyAsDouble(best);
      for (int i = 1; i < peers.size(); i++) {
        Peer each = peers.get((first + i) % peers.size());
        double value = measure.applyAsDouble(each);
        if (value < least) {
          best = each;
          least = value;
        }
      }
      return best;
    }
  }
}
