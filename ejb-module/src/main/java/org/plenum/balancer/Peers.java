package org.plenum.balancer;

import java.net.URI;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.function.BiFunction;
import java.util.logging.Logger;
import org.plenum.balancer.Peer.State;

/**
 * Who can be given requests. The cluster says who belongs to it, checks say who is ready; a peer
 * that answers is kept when the cluster loses sight of it, since the grid may fail where HTTP
 * works. At most {@value #MAX_PEERS}. One thread changes it; {@link #usable} and {@link #all} are
 * for any.
 */
final class Peers {
  static final int MAX_PEERS = 64;

  /** Checks without an answer after which a peer is dead: one may be lost in a pause. */
  static final int FALL = 2;

  private static final Logger LOG = Logger.getLogger(Peers.class.getName());

  private final BiFunction<String, URI, Peer> make;
  private final Map<String, Peer> known = new ConcurrentSkipListMap<>();
  private final Map<String, Integer> unanswered = new TreeMap<>();
  private Set<String> draining = Set.of();
  private volatile List<Peer> usable = List.of();

  /**
   * A node of the cluster.
   *
   * @param cpu share of its host's processors that it uses, 0 to 1
   */
  record Member(String name, URI url, double cpu) {}

  /** What a check found. */
  enum Answer {
    /** It takes requests. */
    READY,
    /** It answered, and takes none. */
    NOT_READY,
    /** Nobody took the connection: it is dead at once. */
    REFUSED,
    /** It did not answer in time. */
    NONE
  }

  Peers(BiFunction<String, URI, Peer> make) {
    this.make = make;
  }

  /** Peers to choose from, by name. */
  List<Peer> usable() {
    return usable;
  }

  /** All that are known, by name. */
  Collection<Peer> all() {
    return known.values();
  }

  /** Takes who belongs to the cluster now, and who is to get nothing new. */
  synchronized void members(List<Member> members, Set<String> drain) {
    for (Member member : members) {
      Peer peer = known.get(member.name());
      if (peer != null && !peer.url().equals(member.url())) {
        forget(peer);
        peer = null;
      }
      if (peer == null && known.size() < MAX_PEERS) {
        peer = make.apply(member.name(), member.url());
        known.put(member.name(), peer);
      }
      if (peer != null) {
        peer.uses(member.cpu());
      }
    }
    List<String> names = members.stream().map(Member::name).toList();
    for (Peer peer : List.copyOf(known.values())) {
      if (!names.contains(peer.name()) && peer.state() == State.DEAD) {
        forget(peer);
      }
    }
    draining = drain;
    refresh();
  }

  private void forget(Peer peer) {
    known.remove(peer.name());
    unanswered.remove(peer.name());
    peer.close();
  }

  /** Takes what a check of a peer found. */
  synchronized void checked(Peer peer, Answer answer) {
    if (answer == Answer.NONE && unanswered.merge(peer.name(), 1, Integer::sum) < FALL) {
      return;
    }
    if (answer != Answer.NONE) {
      unanswered.remove(peer.name());
    }
    become(
        peer,
        switch (answer) {
          case READY -> State.READY;
          case NOT_READY -> State.NOT_READY;
          case REFUSED, NONE -> State.DEAD;
        });
    refresh();
  }

  /** A request found nobody at its address: the next check may find it again. */
  synchronized void refused(Peer peer) {
    become(peer, State.DEAD);
    refresh();
  }

  private static void become(Peer peer, State now) {
    State before = peer.state() == State.DRAINED ? State.READY : peer.state();
    peer.be(now);
    if (before != now) {
      LOG.info(() -> "the balancer's peer " + peer.name() + " at " + peer.url() + " is " + now);
      if (now == State.DEAD) {
        peer.cut();
      }
    }
  }

  private void refresh() {
    List<Peer> ready = new ArrayList<>();
    for (Peer peer : known.values()) {
      boolean drained = draining.contains(peer.name());
      if (drained && peer.state() == State.READY) {
        peer.be(State.DRAINED);
      } else if (!drained && peer.state() == State.DRAINED) {
        peer.be(State.READY);
      }
      if (peer.state() == State.READY) {
        ready.add(peer);
      }
    }
    usable = List.copyOf(ready);
  }

  /** Closes what all of them have free. */
  synchronized void close() {
    usable = List.of();
    known.values().forEach(Peer::close);
  }
}
