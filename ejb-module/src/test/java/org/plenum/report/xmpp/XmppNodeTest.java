package org.plenum.report.xmpp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Clock;
import java.time.Duration;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.plenum.platform.ErrorCode;
import org.plenum.platform.ServiceException;
import org.plenum.report.api.NewReport;
import org.plenum.report.api.XmppStatus;
import org.plenum.report.api.XmppStatus.State;

@Timeout(60)
class XmppNodeTest {
  private static final Clock CLOCK = Clock.fixed(FakeArchive.ARCHIVED, ZoneOffset.UTC);
  private static final Duration LONG = Duration.ofHours(1);

  private final FakeLeases leases = new FakeLeases();
  private final FakeReports reports = new FakeReports();
  private final Map<String, FakeArchive> archives = new HashMap<>();
  private final List<XmppNode> nodes = new ArrayList<>();

  /** Nodes whose queue takes no reports. */
  private final Set<String> closed = new LinkedHashSet<>();

  private final List<XmppAccount> accounts =
      IntStream.range(0, 4)
          .mapToObj(i -> XmppAccount.parse("reports@chat" + i + ".test=127.0.0.1:5222"))
          .toList();

  @AfterEach
  void endThreads() {
    nodes.forEach(
        node -> {
          node.stop();
          node.run();
        });
  }

  @Test
  void aNodeThatIsAloneOwnsAllServers() {
    XmppNode one = node("one");
    one.round();
    assertThat(owned(one)).containsExactlyInAnyOrderElementsOf(accounts);
    await().until(() -> one.connections().stream().allMatch(c -> c.state() == State.LIVE));
    assertThat(one.connections())
        .extracting(XmppStatus.Connection::owner)
        .containsExactly("one", "one", "one", "one");
  }

  @Test
  void serversAreSpreadOverTheNodesThatCome() {
    XmppNode one = node("one");
    one.round();
    XmppNode two = node("two");
    two.round();
    assertThat(owned(two)).isEmpty();
    one.round();
    two.round();
    assertThat(owned(one)).hasSize(2);
    assertThat(owned(two)).hasSize(2).doesNotContainAnyElementsOf(owned(one));
    assertThat(one.connections())
        .extracting(XmppStatus.Connection::state)
        .contains(State.ELSEWHERE);
    one.round();
    assertThat(one.connections())
        .extracting(XmppStatus.Connection::owner)
        .containsOnly("one", "two");
  }

  @Test
  void theServersOfANodeThatIsGoneAreTakenOverAndGoOnWhereTheyWere() {
    XmppNode one = node("one");
    one.round();
    archive(accounts.getFirst()).report(1);
    await().until(() -> reports.effects().size() == 1);
    // Paused: it does nothing any more, and its connections stand.
    leases.expire("one/x");
    XmppNode two = node("two");
    two.round();
    assertThat(owned(two)).containsExactlyInAnyOrderElementsOf(accounts);
    archive(accounts.getFirst()).report(2);
    await().until(() -> reports.effects().size() == 2);
    one.round();
    assertThat(owned(one)).isEmpty();
    assertThat(reports.effects())
        .extracting(NewReport::key)
        .satisfiesExactly(
            one1 -> assertThat(one1).startsWith("a1~"), two2 -> assertThat(two2).startsWith("a2~"));
  }

  @Test
  void anOrderlyStopGivesTheServersToTheOthersAtOnce() {
    XmppNode one = node("one");
    one.round();
    one.stop();
    one.run();
    XmppNode two = node("two");
    two.round();
    assertThat(owned(two)).containsExactlyInAnyOrderElementsOf(accounts);
  }

  @Test
  void aNodeWhoseQueueHasEndedLeavesItsServersToTheOthersUntilItIsOpenAgain() {
    XmppNode one = node("one");
    one.round();
    XmppNode two = node("two");
    two.round();
    one.round();
    two.round();
    assertThat(owned(two)).hasSize(2);

    closed.add("one");
    one.round();
    two.round();
    assertThat(owned(one)).isEmpty();
    assertThat(owned(two)).containsExactlyInAnyOrderElementsOf(accounts);
    assertThat(one.connections())
        .extracting(XmppStatus.Connection::state)
        .containsOnly(State.ELSEWHERE);
    archive(accounts.getFirst()).report(1);
    await().until(() -> reports.effects().size() == 1);

    closed.clear();
    one.round();
    two.round();
    one.round();
    assertThat(owned(one)).hasSize(2);
    assertThat(owned(two)).hasSize(2);
  }

  @Test
  void aNodeThatTakesNoReportsTakesNoServer() {
    closed.add("one");
    XmppNode one = node("one");
    one.round();
    assertThat(owned(one)).isEmpty();
    XmppNode two = node("two");
    two.round();
    assertThat(owned(two)).containsExactlyInAnyOrderElementsOf(accounts);
  }

  @Test
  void whileTheDatabaseIsAwayOwnersGoOn() {
    XmppNode one = node("one");
    one.round();
    leases.away = true;
    one.round();
    assertThat(owned(one)).hasSize(4);
    archive(accounts.getLast()).report(1);
    await().until(() -> reports.effects().size() == 1);
    leases.away = false;
    one.round();
    assertThat(owned(one)).hasSize(4);
  }

  private Set<XmppAccount> owned(XmppNode node) {
    return node.views().keySet();
  }

  private synchronized FakeArchive archive(XmppAccount account) {
    return archives.computeIfAbsent(account.jid(), jid -> new FakeArchive(10));
  }

  private XmppNode node(String name) {
    FakeReports.Node service = reports.new Node(true);
    XmppNode node =
        new XmppNode(
            accounts,
            account ->
                new XmppIntake(
                    account,
                    archive(account),
                    service,
                    new XmppReports(account, 65_536, Set.of("ada@chat.test"), CLOCK),
                    new FakeLetters(),
                    new XmppIntake.Pace(250, LONG, LONG, 100, LONG, LONG, LONG, true),
                    CLOCK,
                    System::nanoTime,
                    new SplittableRandom(1),
                    new XmppMeters(new NoMeters())),
            leases,
            new XmppNode.Terms(name, name + "/x", 10, LONG),
            Thread::new,
            source -> service.position(source).orElse(null),
            () -> !closed.contains(name),
            CLOCK);
    nodes.add(node);
    return node;
  }

  /** Leases in memory that end when the test says so. */
  private static final class FakeLeases implements XmppLeases {
    private record Lease(long epoch, @Nullable String node) {}

    private final Map<String, Lease> held = new HashMap<>();
    private final Set<String> present = new LinkedHashSet<>();
    private boolean away;

    void expire(String node) {
      present.remove(node);
      held.replaceAll(
          (server, lease) -> node.equals(lease.node()) ? new Lease(lease.epoch(), null) : lease);
    }

    private void reach() {
      if (away) {
        throw new ServiceException(ErrorCode.READ_UNAVAILABLE, "away");
      }
    }

    @Override
    public int present(String node, int leaseSeconds) {
      reach();
      present.add(node);
      return present.size();
    }

    @Override
    public void absent(String node) {
      reach();
      present.remove(node);
    }

    @Override
    public long acquire(String server, String node, int leaseSeconds) {
      reach();
      Lease lease = held.getOrDefault(server, new Lease(0, null));
      if (lease.node() != null) {
        return 0;
      }
      held.put(server, new Lease(lease.epoch() + 1, node));
      return lease.epoch() + 1;
    }

    @Override
    public boolean renew(String server, long epoch, int leaseSeconds) {
      reach();
      return held.get(server).epoch() == epoch;
    }

    @Override
    public void release(String server, long epoch) {
      reach();
      held.computeIfPresent(
          server, (key, lease) -> lease.epoch() == epoch ? new Lease(epoch, null) : lease);
    }

    @Override
    public Map<String, String> owners() {
      reach();
      Map<String, String> owners = new HashMap<>();
      held.forEach(
          (server, lease) -> {
            if (lease.node() != null) {
              owners.put(server, lease.node());
            }
          });
      return owners;
    }
  }
}
