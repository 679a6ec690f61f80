package org.plenum.cluster;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.plenum.cluster.api.ClusterNode;
import org.plenum.cluster.api.ClusterNode.Presence;
import org.plenum.cluster.api.NodeStatus;

/**
 * Who is there: joins what the nodes say into one list. How long ago a node spoke is told by this
 * node's own monotone clock, from the moment its bytes were seen to change, so that clocks of hosts
 * need not agree. A node that vanishes from the board, or whose board fails, is kept until it is
 * forgotten. At most {@value #MAX_NODES} are known. Thread-safe.
 */
final class Roster {
  static final int MAX_NODES = 64;
  private static final int MAX_NAME = 200;

  private final String self;
  private final Duration silentAfter;
  private final Duration forgetAfter;
  private final LongSupplier nanoTime;
  private final Map<String, Heard> known = new HashMap<>();

  /** What was heard of a node last. */
  private record Heard(
      ByteBuffer said, long nanos, boolean readable, @Nullable NodeStatus status) {}

  Roster(String self, Duration silentAfter, Duration forgetAfter, LongSupplier nanoTime) {
    this.self = self;
    this.silentAfter = silentAfter;
    this.forgetAfter = forgetAfter;
    this.nanoTime = nanoTime;
  }

  /** Takes what is on the board; answers what is too old to stay there. */
  synchronized Map<String, byte[]> take(Map<String, byte[]> board) {
    long now = nanoTime.getAsLong();
    Map<String, byte[]> old = new HashMap<>();
    board.forEach(
        (name, bytes) -> {
          if (!name.equals(self) && name.length() <= MAX_NAME) {
            hear(name, bytes, now);
          }
        });
    Iterator<Map.Entry<String, Heard>> each = known.entrySet().iterator();
    while (each.hasNext()) {
      Map.Entry<String, Heard> entry = each.next();
      if (now - entry.getValue().nanos() > forgetAfter.toNanos()) {
        byte[] present = board.get(entry.getKey());
        if (present == null) {
          each.remove();
        } else {
          // It is kept until it is off the board, or it would look new.
          old.put(entry.getKey(), present);
        }
      }
    }
    return old;
  }

  private void hear(String name, byte[] bytes, long now) {
    Heard before = known.get(name);
    if (before == null && known.size() >= MAX_NODES) {
      return;
    }
    ByteBuffer said = ByteBuffer.wrap(bytes, 0, Math.min(bytes.length, NodeStatusCodec.MAX_BYTES));
    if (before != null && before.said().equals(said)) {
      return;
    }
    NodeStatus status =
        NodeStatusCodec.decode(bytes).filter(found -> found.name().equals(name)).orElse(null);
    NodeStatus kept = status == null && before != null ? before.status() : status;
    known.put(name, new Heard(said, now, status != null, kept));
  }

  /** This node first, the others by their names. */
  synchronized List<ClusterNode> nodes(NodeStatus own) {
    long now = nanoTime.getAsLong();
    List<ClusterNode> nodes = new ArrayList<>();
    nodes.add(new ClusterNode(self, Presence.HERE, Duration.ZERO, own));
    new TreeMap<>(known)
        .forEach(
            (name, heard) -> {
              Duration age = Duration.ofNanos(now - heard.nanos());
              if (age.compareTo(forgetAfter) <= 0) {
                Presence presence =
                    age.compareTo(silentAfter) > 0
                        ? Presence.SILENT
                        : heard.readable() ? Presence.HERE : Presence.UNREADABLE;
                nodes.add(new ClusterNode(name, presence, age, heard.status()));
              }
            });
    return nodes;
  }
}
