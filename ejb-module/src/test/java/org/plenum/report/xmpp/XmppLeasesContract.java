package org.plenum.report.xmpp;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.plenum.platform.ErrorCode;
import org.plenum.report.api.XmppLetterService.XmppLetter;
import org.plenum.writer.TestDatabase;

/** Leases and letters, on every database. */
public abstract class XmppLeasesContract {
  private static final String SERVER = "reports@chat.test";
  private static final int LEASE = 30;

  private TestDatabase database;
  private XmppLeases leases;

  protected abstract TestDatabase database() throws SQLException;

  @BeforeEach
  void open() throws SQLException {
    database = database();
    leases = new JdbcXmppLeases(database.dataSource());
  }

  @AfterEach
  void close() throws SQLException {
    database.close();
  }

  @Test
  void aServerHasOneOwner() {
    long epoch = leases.acquire(SERVER, "one/1", LEASE);
    assertThat(epoch).isPositive();
    assertThat(leases.acquire(SERVER, "two/2", LEASE)).isZero();
    assertThat(leases.renew(SERVER, epoch, LEASE)).isTrue();
    assertThat(leases.owners()).isEqualTo(Map.of(SERVER, "one/1"));
  }

  @Test
  void aNodeThatIsGoneIsSucceededAndFenced() throws SQLException {
    long old = leases.acquire(SERVER, "one/1", LEASE);
    execute("UPDATE xmpp_lease SET expires_at = CURRENT_TIMESTAMP - INTERVAL '1' SECOND");
    assertThat(leases.owners()).isEmpty();
    long taken = leases.acquire(SERVER, "two/2", LEASE);
    assertThat(taken).isGreaterThan(old);
    assertThat(leases.renew(SERVER, old, LEASE)).isFalse();
    leases.release(SERVER, old);
    assertThat(leases.owners()).isEqualTo(Map.of(SERVER, "two/2"));
  }

  @Test
  void aLeaseThatEndedUnnoticedIsRenewedWhileNobodyTookOver() throws SQLException {
    long epoch = leases.acquire(SERVER, "one/1", LEASE);
    execute("UPDATE xmpp_lease SET expires_at = CURRENT_TIMESTAMP - INTERVAL '1' SECOND");
    assertThat(leases.renew(SERVER, epoch, LEASE)).isTrue();
    assertThat(leases.acquire(SERVER, "two/2", LEASE)).isZero();
  }

  @Test
  void whatIsGivenBackIsFree() {
    leases.release(SERVER, leases.acquire(SERVER, "one/1", LEASE));
    assertThat(leases.acquire(SERVER, "two/2", LEASE)).isPositive();
  }

  @Test
  void ofManyThatTryAtOnceOneOwnsTheServer() throws Exception {
    for (int round = 0; round < 10; round++) {
      String server = "reports@chat" + round + ".test";
      CountDownLatch start = new CountDownLatch(1);
      List<Future<Long>> tries = new ArrayList<>();
      try (ExecutorService pool = Executors.newFixedThreadPool(4)) {
        for (int i = 0; i < 4; i++) {
          String node = "node" + i;
          tries.add(
              pool.submit(
                  () -> {
                    start.await();
                    return leases.acquire(server, node, LEASE);
                  }));
        }
        start.countDown();
        int owners = 0;
        for (Future<Long> each : tries) {
          owners += each.get() > 0 ? 1 : 0;
        }
        assertThat(owners).isEqualTo(1);
      }
    }
  }

  @Test
  void nodesAreCountedUntilTheyLeaveOrAreGone() throws SQLException {
    assertThat(leases.present("one/1", LEASE)).isEqualTo(1);
    assertThat(leases.present("two/2", LEASE)).isEqualTo(2);
    assertThat(leases.present("two/2", LEASE)).isEqualTo(2);
    assertThat(leases.present("three/3", LEASE)).isEqualTo(3);
    leases.absent("three/3");
    execute(
        "UPDATE xmpp_node SET present_until = CURRENT_TIMESTAMP - INTERVAL '1' SECOND WHERE node ="
            + " 'one/1'");
    assertThat(leases.present("two/2", LEASE)).isEqualTo(1);
  }

  @Test
  void aLetterIsKeptOnceAndTheOldestGoFirst() throws SQLException {
    XmppLetters letters = new JdbcXmppLetters(database.dataSource(), 3);
    letters.keep(List.of(letter("s", "a1"), letter("s", "a2")));
    letters.keep(List.of(letter("s", "a2"), letter("t", "a2")));
    assertThat(ids("s")).containsExactly("a1", "a2");
    letters.keep(List.of(letter("s", "a3"), letter("s", "a4"), letter("s", "a5")));
    assertThat(ids("s")).containsExactly("a3", "a4", "a5");
    assertThat(ids("t")).containsExactly("a2");
  }

  @Test
  void aLetterThatIsDiscardedDoesNotComeBackWhenTheArchiveIsReadAgain() throws SQLException {
    JdbcXmppLetters letters = new JdbcXmppLetters(database.dataSource(), 10);
    letters.keep(List.of(letter("s", "a1"), letter("s", "a2"), letter("t", "a1")));
    List<XmppLetter> all = letters.stored(Long.MAX_VALUE, 10);
    assertThat(all)
        .extracting(each -> each.source() + each.archiveId())
        .containsExactly("ta1", "sa2", "sa1");
    assertThat(all.getLast())
        .isEqualTo(
            new XmppLetter(
                all.getLast().id(),
                "s",
                "a1",
                FakeArchive.ADA,
                ErrorCode.FORBIDDEN,
                "no",
                "{}",
                Instant.EPOCH));
    assertThat(letters.stored(Long.MAX_VALUE, 1)).containsExactly(all.getFirst());
    assertThat(letters.stored(all.getFirst().id(), 10)).containsExactly(all.get(1), all.get(2));

    assertThat(letters.discard(all.get(1).id())).isTrue();
    assertThat(letters.discard(all.get(1).id())).isFalse();
    letters.keep(List.of(letter("s", "a2")));
    assertThat(letters.stored(Long.MAX_VALUE, 10)).containsExactly(all.get(0), all.get(2));
    assertThat(ids("s")).containsExactly("a1", "a2");
  }

  private static XmppLetters.Letter letter(String source, String id) {
    return new XmppLetters.Letter(
        source, id, FakeArchive.ADA, ErrorCode.FORBIDDEN, "no", "{}", Instant.EPOCH);
  }

  private List<String> ids(String source) throws SQLException {
    List<String> ids = new ArrayList<>();
    try (Connection connection = database.dataSource().getConnection();
        Statement statement = connection.createStatement();
        var row =
            statement.executeQuery(
                "SELECT archive_id FROM xmpp_letter WHERE source = '"
                    + source
                    + "' ORDER BY archive_id")) {
      while (row.next()) {
        ids.add(row.getString(1));
      }
    }
    return ids;
  }

  private void execute(String sql) throws SQLException {
    try (Connection connection = database.dataSource().getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }
}
