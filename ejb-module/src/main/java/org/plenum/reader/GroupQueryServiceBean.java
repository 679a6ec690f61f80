package org.plenum.reader;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.plenum.group.api.GroupId;
import org.plenum.group.api.GroupQueryService;
import org.plenum.group.api.GroupState;
import org.plenum.group.api.HistoryPage;
import org.plenum.group.api.MemberStatus;
import org.plenum.group.api.Membership;
import org.plenum.group.api.MyGroup;
import org.plenum.group.api.Page;

/** The reads of groups as a bean. Thread-safe. */
@ApplicationScoped
public class GroupQueryServiceBean implements GroupQueryService {
  @Inject private ReaderNode reader;

  @Override
  public Page<MyGroup> groupsOf(long account, @Nullable String cursor, int limit, long seen) {
    return reader.queries().groupsOf(account, cursor, limit, seen);
  }

  @Override
  public Page<MyGroup> pendingOf(long account, @Nullable String cursor, int limit, long seen) {
    return reader.queries().pendingOf(account, cursor, limit, seen);
  }

  @Override
  public Page<GroupState> directory(String text, @Nullable String cursor, int limit, long seen) {
    return reader.queries().directory(text, cursor, limit, seen);
  }

  @Override
  public GroupState group(long account, GroupId group, long seen) {
    return reader.queries().group(account, group, seen);
  }

  @Override
  public Optional<Membership> membership(long account, GroupId group, long seen) {
    return reader.queries().membership(account, group, seen);
  }

  @Override
  public Page<Membership> members(
      long account,
      GroupId group,
      MemberStatus status,
      @Nullable String cursor,
      int limit,
      long seen) {
    return reader.queries().members(account, group, status, cursor, limit, seen);
  }

  @Override
  public HistoryPage historyFrom(long account, GroupId group, long from, int limit, long seen) {
    return reader.queries().historyFrom(account, group, from, limit, seen);
  }

  @Override
  public HistoryPage historyBefore(long account, GroupId group, long before, int limit, long seen) {
    return reader.queries().historyBefore(account, group, before, limit, seen);
  }

  @Override
  public Subscriptions subscriptions(long account) {
    return reader.queries().subscriptions(account);
  }

  @Override
  public int pendingIn(GroupId group, int upTo) {
    return reader.queries().pendingIn(group, upTo);
  }

  @Override
  public Optional<GroupId> byKey(String key) {
    return reader.queries().byKey(key);
  }
}
