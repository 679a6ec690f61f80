package org.plenum.web.push;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.plenum.group.api.EntryKind;
import org.plenum.group.api.GroupId;
import org.plenum.group.api.HistoryPage;
import org.plenum.update.Update;

/**
 * Brings connections into the groups of one fan-out thread and closes the gap between what a client
 * has and the live stream: from the recent updates, from pages of history that are read elsewhere,
 * or by having the client look for itself. Confined to that thread; the reads are the hub's.
 */
final class FanoutJoins {
  /** Pages of one gap: more than the largest gap has, as a reader that lags may need some twice. */
  private static final int MAX_PAGES = 1_000;

  private final PushHub hub;
  private final FanoutGroups groups;
  private final FanoutSender sender;
  private final RecentUpdates recent;

  FanoutJoins(PushHub hub, FanoutGroups groups, FanoutSender sender, RecentUpdates recent) {
    this.hub = hub;
    this.groups = groups;
    this.sender = sender;
    this.recent = recent;
  }

  /**
   * Makes a connection follow its groups of this thread, as read at a revision; what this thread
   * has handled after that revision is applied from the recent updates.
   */
  void join(Join join, long revision, Map<GroupId, GroupEntry> entries) {
    PushConnection connection = join.connection();
    if (!join.current()) {
      return;
    }
    groups.forget(connection);
    if (!recent.coverAfter(revision)) {
      hub.joins().again(join);
      return;
    }
    boolean unknownPast = join.position() > 0 && !replayPast(join.position(), entries);
    replay(connection, revision, entries);
    List<Subscription> subscriptions = new ArrayList<>(entries.size());
    for (Map.Entry<GroupId, GroupEntry> each : entries.entrySet()) {
      subscriptions.add(enter(connection, each.getKey(), each.getValue()));
    }
    connection.subscribed(subscriptions);
    groups.follow(connection, revision);
    for (Subscription subscription : subscriptions) {
      GroupEntry entry = entries.get(subscription.channel.id());
      if (entry != null && entry.tooFar && entry.seen > subscription.channel.head()) {
        sender.otherHistory(subscription);
      } else if (unknownPast || (entry != null && entry.tooFar)) {
        sender.resync(subscription);
      } else if (join.position() > 0 && entry != null && entry.missed.isEmpty()) {
        // A position says nothing about what this thread has still to handle.
        subscription.assumed = true;
      } else if (subscription.state == Subscription.State.CATCHING_UP) {
        hub.joins().fetch(subscription, subscription.lastSeq + 1);
      }
    }
    sender.dirty(connection);
  }

  /** Collects what came between a position and the heads; false when that is not known here. */
  private boolean replayPast(long position, Map<GroupId, GroupEntry> entries) {
    if (!recent.coverAfter(position)) {
      return false;
    }
    recent.forEachAfter(
        position,
        update -> {
          GroupEntry entry = entries.get(update.group());
          if (entry != null && update.seq() > 0 && update.seq() <= entry.head) {
            entry.from = Math.min(entry.from, update.seq() - 1);
            entry.missed.add(update);
          }
        });
    return true;
  }

  private void replay(PushConnection connection, long revision, Map<GroupId, GroupEntry> entries) {
    long account = connection.account();
    recent.forEachAfter(
        revision,
        update -> {
          switch (update.kind()) {
            case GROUP_CREATED, MEMBER_JOINED -> {
              long who =
                  update.kind() == EntryKind.GROUP_CREATED ? update.actorId() : update.subjectId();
              if (who == account && !entries.containsKey(update.group())) {
                sender.send(connection, MembershipNews.frame(update));
                entries.put(update.group(), new GroupEntry(update.seq() - 1, update.seq() - 1));
              }
            }
            case MEMBER_LEFT, MEMBER_REMOVED, MEMBER_BANNED -> {
              if (MembershipNews.subjectOf(update) == account) {
                sender.send(connection, MembershipNews.frame(update));
                entries.remove(update.group());
              }
            }
            case GROUP_DISSOLVED -> entries.remove(update.group());
            case READ_MARKED -> {
              if (update.actorId() == account) {
                sender.send(
                    connection, ServerMessages.read(update.group(), update.target(), update.no()));
              }
            }
            default -> {}
          }
          GroupEntry entry = entries.get(update.group());
          if (entry != null && update.seq() > entry.head) {
            entry.missed.add(update);
          }
        });
  }

  private Subscription enter(PushConnection connection, GroupId group, GroupEntry entry) {
    GroupChannel channel = groups.channelOf(group, entry.head);
    sender.emit(channel);
    channel.advance(entry.head);
    Subscription subscription = new Subscription(connection, channel, entry.from);
    channel.add(subscription);
    boolean gap = entry.missed.isEmpty() || entry.missed.getFirst().seq() != entry.from + 1;
    if (entry.from < entry.head && gap) {
      subscription.state = Subscription.State.CATCHING_UP;
    } else {
      sender.catchUpFrom(subscription, entry.missed);
    }
    return subscription;
  }

  /** A page of the gap before a subscription has come. */
  void fetched(Subscription subscription, HistoryPage page) {
    if (subscription.state != Subscription.State.CATCHING_UP) {
      return;
    }
    GroupChannel channel = subscription.channel;
    sender.emit(channel);
    if (!page.entries().isEmpty()) {
      if (page.fromSeq() != subscription.lastSeq + 1) {
        sender.resync(subscription);
        return;
      }
      long last = subscription.lastSeq + page.entries().size();
      sender.offer(subscription, Frame.history(channel, page.entries()), last);
      if (subscription.state != Subscription.State.CATCHING_UP) {
        return;
      }
    }
    channel.advance(page.head().seq());
    if (subscription.lastSeq < page.head().seq()) {
      fetchMore(subscription, page.entries().isEmpty());
      return;
    }
    List<Update> missed = new ArrayList<>();
    long known = subscription.lastSeq;
    recent.forEachAfter(
        page.revision(),
        update -> {
          if (update.group().equals(channel.id()) && update.seq() > known) {
            missed.add(update);
          }
        });
    // The page's revision is that of the group's last update, long gone from the recent ones where
    // others are busy; the channel's head, kept since the join, tells whether anything came after.
    boolean whole =
        recent.coverAfter(page.revision())
            || (missed.isEmpty() ? known >= channel.head() : missed.getFirst().seq() == known + 1);
    if (whole) {
      subscription.state = Subscription.State.LIVE;
      sender.catchUpFrom(subscription, missed);
    } else {
      fetchMore(subscription, false);
    }
  }

  private void fetchMore(Subscription subscription, boolean useless) {
    if (useless || ++subscription.pages > MAX_PAGES) {
      sender.resync(subscription);
    } else {
      hub.joins().fetch(subscription, subscription.lastSeq + 1);
    }
  }

  /** The gap before a subscription cannot be read now: the client fetches it itself. */
  void fetchFailed(Subscription subscription) {
    if (subscription.state == Subscription.State.CATCHING_UP) {
      sender.emit(subscription.channel);
      sender.resync(subscription);
    }
  }

  /** Says for each of these clients, where it is so, that all of this thread's groups is queued. */
  void check(List<Checkpoint> checkpoints) {
    for (Checkpoint checkpoint : checkpoints) {
      PushConnection connection = checkpoint.connection();
      if (groups.follows(connection) && allQueued(connection) && checkpoint.reached()) {
        sender.dirty(connection);
      }
    }
  }

  private boolean allQueued(PushConnection connection) {
    for (Subscription subscription : connection.subscriptions()) {
      if (groups.here(subscription)) {
        sender.emit(subscription.channel);
        if (subscription.state == Subscription.State.CATCHING_UP
            || subscription.state == Subscription.State.LAGGING) {
          return false;
        }
      }
    }
    return true;
  }

  /** The connection's backlog is gone: groups that were dropped for it start again. */
  void resumeLagging(PushConnection connection) {
    for (Subscription subscription : connection.subscriptions()) {
      if (groups.here(subscription) && subscription.state == Subscription.State.LAGGING) {
        sender.emit(subscription.channel);
        sender.resync(subscription);
      }
    }
  }
}
