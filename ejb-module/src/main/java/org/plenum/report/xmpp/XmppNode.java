package org.plenum.report.xmpp;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;
import org.plenum.platform.ServiceException;
import org.plenum.report.api.XmppStatus;

/**
 * The share of the XMPP servers that this node reads (RPT-6). Servers are spread over the nodes
 * that are there: a node takes free ones up to its fair share and gives back what is above it. A
 * lease is not what keeps reports from being lost or doubled, their keys and positions do that: a
 * node that lost its lease without noticing submits again what another one submits. So while the
 * database is away, owners go on. One thread runs it; the other methods may be called by any.
 */
final class XmppNode implements Runnable, XmppStatus {
  private static final Logger LOG = Logger.getLogger(XmppNode.class.getName());
  private static final Duration JOIN = Duration.ofSeconds(3);

  private final List<XmppAccount> accounts;
  private final Function<XmppAccount, XmppIntake> intakes;
  private final XmppLeases leases;
  private final Terms terms;
  private final ThreadFactory threads;
  private final Function<String, @Nullable String> positions;
  private final BooleanSupplier takes;
  private final CountDownLatch stopped = new CountDownLatch(1);
  private volatile Map<XmppAccount, Owned> owned = Map.of();
  private volatile Map<String, String> owners = Map.of();
  private final Instant startedAt;
  private boolean away;

  /**
   * Who and how long.
   *
   * @param name of this node, for people
   * @param holder unique for each start of it
   * @param leaseSeconds how long a lease holds
   * @param renew how often it is renewed
   */
  record Terms(String name, String holder, int leaseSeconds, Duration renew) {}

  private record Owned(long epoch, XmppIntake intake, Thread thread) {}

  /**
   * A node that reads nothing yet.
   *
   * @param takes whether reports are taken on this node at all; while they are not, its servers are
   *     left to the others
   */
  XmppNode(
      List<XmppAccount> accounts,
      Function<XmppAccount, XmppIntake> intakes,
      XmppLeases leases,
      Terms terms,
      ThreadFactory threads,
      Function<String, @Nullable String> positions,
      BooleanSupplier takes,
      Clock clock) {
    this.accounts = List.copyOf(accounts);
    this.intakes = intakes;
    this.leases = leases;
    this.terms = terms;
    this.threads = threads;
    this.positions = positions;
    this.takes = takes;
    this.startedAt = clock.instant();
  }

  @Override
  public void run() {
    try {
      do {
        round();
      } while (!stopped.await(terms.renew().toMillis(), TimeUnit.MILLISECONDS));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      leave();
    }
  }

  /** Lets it end: all connections are closed and all leases given back. */
  void stop() {
    stopped.countDown();
  }

  /** One look at the leases. */
  void round() {
    try {
      if (takes.getAsBoolean()) {
        int nodes = Math.max(1, leases.present(terms.holder(), terms.leaseSeconds()));
        int fair = (accounts.size() + nodes - 1) / nodes;
        keep();
        giveBack(fair, "left to a node that has less to do");
        take(fair);
      } else if (!owned.isEmpty()) {
        giveBack(0, "left to other nodes, since reports are not taken here");
        leases.absent(terms.holder());
      }
      owners = leases.owners();
      if (away) {
        LOG.info("the leases of XMPP servers can be reached again");
      }
      away = false;
    } catch (ServiceException e) {
      LOG.log(away ? Level.FINE : Level.WARNING, "owners of XMPP servers go on unchanged", e);
      away = true;
    } catch (RuntimeException e) {
      LOG.log(Level.SEVERE, "looking after the leases of XMPP servers failed", e);
    }
  }

  private void keep() {
    for (Map.Entry<XmppAccount, Owned> each : owned.entrySet()) {
      if (!leases.renew(each.getKey().jid(), each.getValue().epoch(), terms.leaseSeconds())) {
        LOG.warning(() -> each.getKey().source() + ": another node has taken over");
        end(List.of(each.getKey()));
      }
    }
  }

  private void giveBack(int fair, String why) {
    List<XmppAccount> mine = List.copyOf(owned.keySet());
    for (XmppAccount account : mine.subList(Math.min(fair, mine.size()), mine.size())) {
      LOG.info(() -> account.source() + ": " + why);
      long epoch = epoch(account);
      end(List.of(account));
      leases.release(account.jid(), epoch);
    }
  }

  private long epoch(XmppAccount account) {
    Owned mine = owned.get(account);
    return mine == null ? 0 : mine.epoch();
  }

  private void take(int fair) {
    for (XmppAccount account : accounts) {
      if (owned.size() >= fair) {
        return;
      }
      if (!owned.containsKey(account)) {
        long epoch = leases.acquire(account.jid(), terms.holder(), terms.leaseSeconds());
        if (epoch > 0) {
          begin(account, epoch);
        }
      }
    }
  }

  private void begin(XmppAccount account, long epoch) {
    XmppIntake intake = intakes.apply(account);
    Thread thread = threads.newThread(intake);
    thread.setName("plenum-xmpp-" + account.domain());
    Map<XmppAccount, Owned> more = new LinkedHashMap<>(owned);
    more.put(account, new Owned(epoch, intake, thread));
    owned = more;
    LOG.info(() -> account.source() + ": owned by this node, epoch " + epoch);
    thread.start();
  }

  private void end(List<XmppAccount> some) {
    Map<XmppAccount, Owned> left = new LinkedHashMap<>(owned);
    List<Owned> ending = new ArrayList<>();
    for (XmppAccount account : some) {
      Owned one = left.remove(account);
      if (one != null) {
        one.intake().stop();
        ending.add(one);
      }
    }
    owned = left;
    try {
      for (Owned one : ending) {
        if (!one.thread().join(JOIN)) {
          one.thread().interrupt();
          if (!one.thread().join(JOIN)) {
            LOG.warning(() -> one.thread().getName() + " does not end");
          }
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void leave() {
    Map<XmppAccount, Owned> last = owned;
    end(List.copyOf(last.keySet()));
    try {
      last.forEach((account, mine) -> leases.release(account.jid(), mine.epoch()));
      leases.absent(terms.holder());
    } catch (ServiceException e) {
      LOG.log(Level.WARNING, "the leases of XMPP servers were not given back and run out", e);
    }
  }

  /** What can be seen of the servers that this node owns. */
  Map<XmppAccount, XmppView> views() {
    Map<XmppAccount, XmppView> views = new LinkedHashMap<>();
    owned.forEach((account, mine) -> views.put(account, mine.intake().view()));
    return views;
  }

  @Override
  public List<Connection> connections() {
    Map<XmppAccount, XmppView> views = views();
    return accounts.stream().map(account -> connection(account, views.get(account))).toList();
  }

  private Connection connection(XmppAccount account, @Nullable XmppView view) {
    if (view == null) {
      String owner = owners.getOrDefault(account.jid(), "");
      return new Connection(
          account.jid(),
          account.domain(),
          owner.substring(0, Math.max(0, owner.lastIndexOf('/'))),
          State.ELSEWHERE,
          startedAt,
          positions.apply(account.source()),
          0,
          0,
          null);
    }
    return new Connection(
        account.jid(),
        account.domain(),
        terms.name(),
        view.state(),
        view.since(),
        positions.apply(account.source()),
        view.received(),
        Math.max(0, view.connections() - 1),
        view.lastError());
  }
}
