package org.plenum.reader;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.util.Map;
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
import org.plenum.group.api.ReadPoint;

/** The reads of groups as a bean. Thread-safe. */
@ApplicationScoped
public class GroupQueryServiceBean implements GroupQueryService {
  @Inject private ReaderNode reader;

  @Override
  public Page<MyGroup> groupsOf(long account, @Nullable String cursor, int limit, ReadPoint point) {
    return reader.queries().groupsOf(account, cursor, limit, point);
  }

  @Override
  public Page<MyGroup> pendingOf(
      long account, @Nullable String cursor, int limit, ReadPoint point) {
    return reader.queries().pendingOf(account, cursor, limit, point);
  }

  @Override
  public Page<GroupState> directory(
      String text, @Nullable String cursor, int limit, ReadPoint point) {
    return reader.queries().directory(text, cursor, limit, point);
  }

  @Override
  public GroupState group(long account, GroupId group, ReadPoint point) {
    return reader.queries().group(account, group, point);
  }

  @Override
  public Optional<Membership> membership(long account, GroupId group, ReadPoint point) {
    return reader.queries().membership(account, group, point);
  }

  @Override
  public Map<GroupId, Membership> memberships(long account, ReadPoint point) {
    return reader.queries().memberships(account, point);
  }

  @Override
  public Page<Membership> members(
      long account,
      GroupId group,
      MemberStatus status,
      @Nullable String cursor,
      int limit,
      ReadPoint point) {
    return reader.queries().members(account, group, status, cursor, limit, point);
  }

  @Override
  public HistoryPage historyFrom(
      long account, GroupId group, long from, int limit, ReadPoint point) {
    return reader.queries().historyFrom(account, group, from, limit, point);
  }

  @Override
  public HistoryPage historyBefore(
      long account, GroupId group, long before, int limit, ReadPoint point) {
    return reader.queries().historyBefore(account, group, before, limit, point);
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
