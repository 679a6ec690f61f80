package org.plenum.reader;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.plenum.group.api.GroupId;
import org.plenum.group.api.GroupQueryService;
import org.plenum.group.api.GroupState;
import org.plenum.group.api.GroupStatus;
import org.plenum.group.api.GroupType;
import org.plenum.group.api.Head;
import org.plenum.group.api.HistoryPage;
import org.plenum.group.api.MemberStatus;
import org.plenum.group.api.Membership;
import org.plenum.group.api.MyGroup;
import org.plenum.group.api.Page;
import org.plenum.group.api.ReadPoint;
import org.plenum.platform.ErrorCode;
import org.plenum.platform.ServiceException;
import org.plenum.reader.Cursors.DirectoryPlace;
import org.plenum.reader.ReaderStore.Loaded;

/**
 * The reads of groups (GRP-3, GRP-5): what an account may see, from the caches, never older than
 * what it has seen. Who is told what:
 *
 * <ul>
 *   <li>a private group does not exist for outsiders and for those who are banned;
 *   <li>a dissolved group does not exist, but whoever had a relation to it hears that it was
 *       dissolved;
 *   <li>history and the list of members are for active members; other lists for moderators.
 * </ul>
 *
 * Thread-safe.
 */
public final class GroupQueries implements GroupQueryService {
  /** Bound of every page. */
  public static final int MAX_LIMIT = 200;

  private static final int SUBSCRIPTION_ATTEMPTS = 5;

  private final NearCache near;
  private final ReaderStore store;
  private final ReaderSource source;
  private final ReaderMeters meters;
  private final long waitMillis;

  GroupQueries(
      NearCache near, ReaderSource source, ReaderStore store, Duration wait, ReaderMeters meters) {
    this.near = near;
    this.store = store;
    this.source = source;
    this.meters = meters;
    this.waitMillis = wait.toMillis();
  }

  @Override
  public Page<MyGroup> groupsOf(long account, @Nullable String cursor, int limit, ReadPoint point) {
    return groupsOf(account, cursor, limit, point, Membership::active);
  }

  @Override
  public Page<MyGroup> pendingOf(
      long account, @Nullable String cursor, int limit, ReadPoint point) {
    return groupsOf(
        account,
        cursor,
        limit,
        point,
        membership ->
            membership.status() == MemberStatus.INVITED
                || membership.status() == MemberStatus.REQUESTED);
  }

  private Page<MyGroup> groupsOf(
      long account,
      @Nullable String cursor,
      int limit,
      ReadPoint point,
      Predicate<Membership> wanted) {
    GroupId after = cursor == null ? null : Cursors.group(cursor);
    int size = bounded(limit);
    ReaderView view = view(point);
    // The ids are made of the time of creation, so their order is the one that is promised.
    TreeMap<GroupId, Membership> mine = new TreeMap<>();
    view.memberships(account)
        .forEach(
            (group, membership) -> {
              if (wanted.test(membership) && (after == null || group.compareTo(after) > 0)) {
                mine.put(group, membership);
              }
            });
    List<MyGroup> items = new ArrayList<>();
    while (!mine.isEmpty()) {
      // Dissolved groups fall out: go on until the page is full.
      List<GroupId> some = mine.keySet().stream().limit(size).toList();
      Map<GroupId, GroupState> states = view.groups(some);
      for (GroupId id : some) {
        Membership membership = mine.remove(id);
        GroupState state = states.get(id);
        if (membership == null || state == null || state.status() == GroupStatus.DISSOLVED) {
          continue;
        }
        if (items.size() == size) {
          return new Page<>(items, Cursors.ofGroup(items.getLast().group().id()));
        }
        items.add(
            new MyGroup(
                state, membership, membership.active() ? LatestEntries.of(view, state) : null));
      }
    }
    return new Page<>(items, null);
  }

  @Override
  public Page<GroupState> directory(
      String text, @Nullable String cursor, int limit, ReadPoint point) {
    DirectoryPlace after = cursor == null ? null : Cursors.directory(cursor);
    int size = bounded(limit);
    var unused = await(point);
    Loaded<List<GroupState>> loaded =
        store.directory(
            text, after == null ? null : after.name(), after == null ? null : after.id(), size + 1);
    return page(
        DatabaseView.recent(loaded, point),
        size,
        last -> Cursors.ofDirectory(new DirectoryPlace(last.settings().name(), last.id())));
  }

  @Override
  public GroupState group(long account, GroupId group, ReadPoint point) {
    ReaderView view = view(point);
    return visible(view, view.membership(account, group), group).state();
  }

  @Override
  public Optional<Membership> membership(long account, GroupId group, ReadPoint point) {
    return Optional.ofNullable(view(point).membership(account, group));
  }

  @Override
  public Map<GroupId, Membership> memberships(long account, ReadPoint point) {
    return view(point).memberships(account);
  }

  @Override
  public Page<Membership> members(
      long account,
      GroupId group,
      MemberStatus status,
      @Nullable String cursor,
      int limit,
      ReadPoint point) {
    long after = cursor == null ? Long.MIN_VALUE : Cursors.account(cursor);
    int size = bounded(limit);
    ReaderView view = view(point);
    Membership mine = view.membership(account, group);
    visible(view, mine, group);
    Membership member = active(mine);
    if (status != MemberStatus.ACTIVE && !member.role().moderates()) {
      throw new ServiceException(
          ErrorCode.ROLE_REQUIRED, "only the owner and admins see who is " + status);
    }
    return page(
        DatabaseView.recent(store.members(group, status, after, size + 1), point),
        size,
        last -> Cursors.ofAccount(last.account().id()));
  }

  @Override
  public HistoryPage historyFrom(
      long account, GroupId group, long from, int limit, ReadPoint point) {
    ReaderView view = view(point);
    GroupReplica.AsOf readable = readable(view, account, group);
    GroupState state = readable.state();
    long first = Math.max(Math.max(1, from), state.firstSeq());
    long last = Math.min(state.headSeq(), saturatedAdd(first, bounded(limit) - 1));
    return page(view, readable, first, last);
  }

  @Override
  public HistoryPage historyBefore(
      long account, GroupId group, long before, int limit, ReadPoint point) {
    ReaderView view = view(point);
    GroupReplica.AsOf readable = readable(view, account, group);
    GroupState state = readable.state();
    long last = Math.min(state.headSeq(), Math.max(before, 1) - 1);
    long first = Math.max(state.firstSeq(), last - bounded(limit) + 1);
    return page(view, readable, first, last);
  }

  private static HistoryPage page(
      ReaderView view, GroupReplica.AsOf readable, long first, long last) {
    GroupState state = readable.state();
    boolean exact = view.reached(readable.revision());
    List<byte[]> entries = first > last ? List.of() : view.entries(state, first, last);
    // What was trimmed in this very moment is missing at the start.
    long given = last - entries.size() + 1;
    return new HistoryPage(
        state.id(),
        entries,
        entries.isEmpty() ? first : given,
        state.firstSeq(),
        new Head(state.headSeq(), state.headNo()),
        readable.revision(),
        exact);
  }

  @Override
  public Subscriptions subscriptions(long account) {
    CachedView cached = new CachedView(near, source, ReadPoint.any());
    Relations relations = relations(account, cached);
    Map<GroupId, GroupState> states = cached.groups(activeIn(relations.memberships()));
    Map<GroupId, MyGroup> groups = new HashMap<>();
    states.forEach(
        (id, state) -> {
          Membership membership = relations.memberships().get(id);
          if (membership != null && state.status() != GroupStatus.DISSOLVED) {
            groups.put(id, new MyGroup(state, membership));
          }
        });
    return new Subscriptions(Map.copyOf(groups), relations.revision());
  }

  /** The relations of an account exactly as of a revision that the stream has reached. */
  private record Relations(Map<GroupId, Membership> memberships, long revision) {}

  private Relations relations(long account, CachedView cached) {
    for (int attempt = 0; attempt < SUBSCRIPTION_ATTEMPTS; attempt++) {
      AccountReplica loaded = cached.account(account);
      if (near.awaitApplied(loaded.revision(), waitMillis)) {
        Optional<Relations> found =
            near.atRest(
                applied ->
                    Optional.ofNullable(near.accountIfPresent(account))
                        .filter(replica -> replica.revision() <= applied)
                        .map(replica -> new Relations(replica.all(), applied)));
        if (found.isPresent()) {
          return found.get();
        }
      }
    }
    throw new ServiceException(
        ErrorCode.READ_UNAVAILABLE,
        "the updates of this node are behind",
        Duration.ofSeconds(1),
        null);
  }

  private static List<GroupId> activeIn(Map<GroupId, Membership> memberships) {
    return memberships.values().stream().filter(Membership::active).map(Membership::group).toList();
  }

  @Override
  public int pendingIn(GroupId group, int upTo) {
    return store.pendingIn(group, upTo);
  }

  @Override
  public Optional<GroupId> byKey(String key) {
    return store.byKey(key);
  }

  private GroupReplica.AsOf readable(ReaderView view, long account, GroupId group) {
    Membership membership = view.membership(account, group);
    GroupReplica.AsOf visible = visible(view, membership, group);
    active(membership);
    return visible;
  }

  private static GroupReplica.AsOf visible(
      ReaderView view, @Nullable Membership membership, GroupId id) {
    GroupReplica.AsOf group = view.group(id);
    boolean related = membership != null && membership.status() != MemberStatus.BANNED;
    if (group == null
        || (!related
            && (group.state().settings().type() == GroupType.PRIVATE
                || group.state().status() == GroupStatus.DISSOLVED))) {
      throw new ServiceException(ErrorCode.GROUP_NOT_FOUND, "no group " + id);
    }
    if (group.state().status() == GroupStatus.DISSOLVED) {
      throw new ServiceException(ErrorCode.GROUP_DISSOLVED, "the group was dissolved");
    }
    return group;
  }

  private static Membership active(@Nullable Membership membership) {
    if (membership == null || !membership.active()) {
      throw new ServiceException(ErrorCode.NOT_A_MEMBER, "only members read this");
    }
    return membership;
  }

  private ReaderView view(ReadPoint point) {
    return await(point) ? new CachedView(near, source, point) : new DatabaseView(store, point);
  }

  private boolean await(ReadPoint point) {
    if (near.applied() >= point.seen()) {
      return true;
    }
    if (point.isBehind()) {
      return false;
    }
    meters.waits().increment();
    boolean reached = near.awaitApplied(point.seen(), waitMillis);
    if (!reached) {
      point.behind();
    }
    return reached;
  }

  private static int bounded(int limit) {
    return Math.clamp(limit, 1, MAX_LIMIT);
  }

  private static long saturatedAdd(long a, long b) {
    return a > Long.MAX_VALUE - b ? Long.MAX_VALUE : a + b;
  }

  private interface CursorOf<T> {
    String after(T last);
  }

  private static <T> Page<T> page(List<T> found, int size, CursorOf<T> cursor) {
    if (found.size() <= size) {
      return new Page<>(found, null);
    }
    List<T> items = found.subList(0, size);
    return new Page<>(items, cursor.after(items.getLast()));
  }
}
