package org.plenum.web.push;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.plenum.group.api.GroupId;

/**
 * The groups of one fan-out thread that have a socket here, and the connections that follow their
 * accounts' groups of this thread. Confined to that thread.
 */
final class FanoutGroups {
  /**
   * A connection that follows its groups.
   *
   * @param asOf revision as of which its memberships were read: older updates of them are no news
   */
  record Follower(PushConnection connection, long asOf) {}

  private final FanoutWorker worker;
  private final Map<GroupId, GroupChannel> channels = new HashMap<>();
  private final Map<Long, List<Follower>> joined = new HashMap<>();

  FanoutGroups(FanoutWorker worker) {
    this.worker = worker;
  }

  /** The channel of a group, or null when nobody here follows it. */
  @Nullable GroupChannel channel(GroupId group) {
    return channels.get(group);
  }

  /** The channel of a group, made with this head when there is none. */
  GroupChannel channelOf(GroupId group, long head) {
    return channels.computeIfAbsent(group, id -> new GroupChannel(id, worker, head));
  }

  /** Forgets the channel when it has no subscription. */
  void dropIfUnused(GroupChannel channel) {
    if (channel.subscriptions.isEmpty()) {
      channel.pending.clear();
      channels.remove(channel.id(), channel);
    }
  }

  /** The heads known here are of updates that the database lost. */
  void forgetHeads() {
    channels.values().forEach(GroupChannel::forgetHead);
  }

  /** Whether the subscription is to a group of this thread. */
  boolean here(Subscription subscription) {
    return subscription.channel.worker == worker;
  }

  /** The connections of an account, or null when there are none. */
  @Nullable List<Follower> followersOf(long account) {
    return joined.get(account);
  }

  /** The connection follows its groups of this thread, as read at a revision. */
  void follow(PushConnection connection, long revision) {
    joined
        .computeIfAbsent(connection.account(), id -> new ArrayList<>(1))
        .add(new Follower(connection, revision));
  }

  /** Whether the connection follows its groups of this thread. */
  boolean follows(PushConnection connection) {
    List<Follower> followers = joined.get(connection.account());
    return followers != null
        && followers.stream().anyMatch(follower -> follower.connection() == connection);
  }

  /** Ends everything that is kept for a connection. */
  void forget(PushConnection connection) {
    boolean any = false;
    for (Subscription subscription : connection.subscriptions()) {
      if (here(subscription) && subscription.state != Subscription.State.ENDED) {
        subscription.state = Subscription.State.ENDED;
        subscription.channel.remove(subscription);
        dropIfUnused(subscription.channel);
        any = true;
      }
    }
    if (any) {
      connection.unsubscribed();
    }
    List<Follower> followers = joined.get(connection.account());
    if (followers != null
        && followers.removeIf(follower -> follower.connection() == connection)
        && followers.isEmpty()) {
      joined.remove(connection.account());
    }
  }

  /** Ends one subscription; its channel may be of no use then. */
  void end(Subscription subscription) {
    subscription.state = Subscription.State.ENDED;
    subscription.channel.remove(subscription);
    subscription.connection.unsubscribed();
  }
}
