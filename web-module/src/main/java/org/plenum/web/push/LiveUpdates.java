package org.plenum.web.push;

import java.util.List;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.plenum.group.api.Actor;
import org.plenum.group.api.GroupId;
import org.plenum.update.Signal;
import org.plenum.update.Update;
import org.plenum.web.push.FanoutGroups.Follower;

/**
 * Applies the stream to the groups of one fan-out thread: entries wait for the flush, memberships
 * change at once, so that a member that is removed gets nothing of what follows. Confined to that
 * thread.
 */
final class LiveUpdates {
  private static final Logger LOG = Logger.getLogger(LiveUpdates.class.getName());

  private final PushHub hub;
  private final FanoutGroups groups;
  private final FanoutSender sender;
  private final RecentUpdates recent;

  LiveUpdates(PushHub hub, FanoutGroups groups, FanoutSender sender, RecentUpdates recent) {
    this.hub = hub;
    this.groups = groups;
    this.sender = sender;
    this.recent = recent;
  }

  /**
   * Takes the next updates of the thread's groups; one that fails ends all sockets, which resume.
   */
  void handleAll(List<Update> updates) {
    boolean failed = false;
    for (Update update : updates) {
      recent.add(update);
      try {
        handle(update);
      } catch (RuntimeException | Error e) {
        LOG.log(Level.SEVERE, e, () -> "update " + update.revision() + " failed in fan-out");
        if (!failed) {
          // At once: what follows may be for fewer eyes than this thread now believes.
          failed = true;
          hub.shedSockets("an update failed in fan-out");
        }
      }
    }
  }

  private void handle(Update update) {
    switch (update.kind()) {
      case READ_MARKED -> {
        Frame frame = ServerMessages.read(update.group(), update.target(), update.no());
        toAccount(update.actorId(), frame, update.revision());
      }
      case GROUP_CREATED -> {
        enter(update, update.actorId());
        append(update);
      }
      case MEMBER_JOINED -> {
        enter(update, update.subjectId());
        append(update);
      }
      case MEMBER_LEFT, MEMBER_REMOVED, MEMBER_BANNED -> {
        leave(update);
        append(update);
      }
      case GROUP_DISSOLVED -> {
        append(update);
        dissolve(update.group());
      }
      case MEMBER_REQUESTED,
          REQUEST_DECLINED,
          MEMBER_INVITED,
          INVITATION_DECLINED,
          MEMBER_UNBANNED -> {
        append(update);
        tellSubject(update);
      }
      default -> append(update);
    }
  }

  private void append(Update update) {
    GroupChannel channel = groups.channel(update.group());
    if (channel == null) {
      return;
    }
    sender.append(channel, update);
  }

  private void enter(Update update, long account) {
    List<Follower> followers = groups.followersOf(account);
    if (followers == null) {
      return;
    }
    GroupChannel channel = groups.channelOf(update.group(), update.seq() - 1);
    sender.emit(channel);
    for (Follower follower : followers) {
      PushConnection connection = follower.connection();
      if (update.revision() > follower.asOf() && connection.subscription(channel) == null) {
        sender.send(connection, MembershipNews.frame(update));
        Subscription subscription = new Subscription(connection, channel, update.seq() - 1);
        channel.add(subscription);
        connection.subscribed(List.of(subscription));
      }
    }
    groups.dropIfUnused(channel);
  }

  private void leave(Update update) {
    long account = MembershipNews.subjectOf(update);
    List<Follower> followers = groups.followersOf(account);
    if (followers == null) {
      return;
    }
    GroupChannel channel = groups.channel(update.group());
    for (Follower follower : followers) {
      PushConnection connection = follower.connection();
      if (update.revision() > follower.asOf()) {
        Subscription subscription = channel == null ? null : connection.subscription(channel);
        if (subscription != null) {
          groups.end(subscription);
          connection.outbound().purge(subscription.channel);
        }
        sender.send(connection, MembershipNews.frame(update));
      }
    }
    if (channel != null) {
      groups.dropIfUnused(channel);
    }
  }

  private void dissolve(GroupId group) {
    GroupChannel channel = groups.channel(group);
    if (channel == null) {
      return;
    }
    sender.emit(channel);
    for (Subscription subscription : List.copyOf(channel.subscriptions)) {
      groups.end(subscription);
    }
    groups.dropIfUnused(channel);
  }

  private void tellSubject(Update update) {
    toAccount(MembershipNews.subjectOf(update), MembershipNews.frame(update), update.revision());
  }

  private void toAccount(long account, Frame frame, long revision) {
    List<Follower> followers = groups.followersOf(account);
    if (followers == null) {
      return;
    }
    for (Follower follower : followers) {
      if (revision > follower.asOf()) {
        sender.send(follower.connection(), frame);
      }
    }
  }

  /** Tells the others in the group that somebody types. */
  void typing(PushConnection from, GroupId group, Actor by) {
    GroupChannel channel = groups.channel(group);
    if (channel == null || from.subscription(channel) == null) {
      return;
    }
    typing(group, by);
    hub.signals().send(new Signal.Typing(group, by));
  }

  /** Somebody types, here or on another node. */
  void typing(GroupId group, Actor by) {
    GroupChannel channel = groups.channel(group);
    if (channel == null) {
      return;
    }
    Frame frame = ServerMessages.typing(channel, by);
    for (Subscription subscription : channel.subscriptions) {
      if (subscription.connection.account() != by.id()
          && subscription.connection.outbound().offer(frame)) {
        sender.dirty(subscription.connection);
      }
    }
  }
}
