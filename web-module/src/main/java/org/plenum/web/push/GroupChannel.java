package org.plenum.web.push;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.plenum.group.api.GroupId;
import org.plenum.update.Update;

/**
 * The local sockets of one group and the updates that wait for them. Confined to one fan-out
 * thread, except for the head.
 */
final class GroupChannel {
  private final GroupId id;
  private final byte[] updatesPrefix;
  final FanoutWorker worker;
  final List<Subscription> subscriptions = new ArrayList<>(2);
  final List<Update> pending = new ArrayList<>(0);
  long dirtySince;

  /** Last sequence known; read by the heartbeat thread. */
  private volatile long head;

  GroupChannel(GroupId id, FanoutWorker worker, long head) {
    this.id = id;
    this.worker = worker;
    this.head = head;
    this.updatesPrefix =
        ("{\"type\":\"updates\",\"group\":\"" + id + "\",\"updates\":[")
            .getBytes(StandardCharsets.US_ASCII);
  }

  GroupId id() {
    return id;
  }

  byte[] updatesPrefix() {
    return updatesPrefix;
  }

  long head() {
    return head;
  }

  void advance(long seq) {
    if (seq > head) {
      head = seq;
    }
  }

  void forgetHead() {
    pending.clear();
    head = 0;
  }

  void add(Subscription subscription) {
    subscription.index = subscriptions.size();
    subscriptions.add(subscription);
  }

  void remove(Subscription subscription) {
    Subscription last = subscriptions.removeLast();
    if (last != subscription) {
      subscriptions.set(subscription.index, last);
      last.index = subscription.index;
    }
  }
}
