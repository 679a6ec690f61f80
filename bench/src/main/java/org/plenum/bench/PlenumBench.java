package org.plenum.bench;

import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.plenum.bench.net.EventLoop;
import org.plenum.testkit.RestClient;

/** A crowd of Plenum's users in groups, its load, and the check of what is stored. */
final class PlenumBench implements AutoCloseable {
  private static final Duration CONNECT_LIMIT = Duration.ofMinutes(2);

  private final Target target;
  private final Tokens tokens;
  private final EventLoop loop = new EventLoop("load");
  private final long run = ((System.nanoTime() & 0xffff_ffffL) << 16) | 0x7000;
  private final int groupSize;
  private final List<String> groups = new ArrayList<>();
  private final Load load;

  /** Makes the groups and connects every member; member i is in group i / size. */
  PlenumBench(Target target, Tokens tokens, int groupCount, int groupSize)
      throws InterruptedException {
    this.target = target;
    this.tokens = tokens;
    this.groupSize = groupSize;
    this.load = new Load(loop, groupCount * groupSize, groupCount);
    for (int g = 0; g < groupCount; g++) {
      groups.add(createGroup(g));
    }
    enter(groupCount * groupSize);
    connect(groupCount * groupSize);
  }

  /** The load on this crowd. */
  Load load() {
    return load;
  }

  /** The groups' ids. */
  List<String> groups() {
    return List.copyOf(groups);
  }

  private static String name(int member) {
    return "bench-" + member;
  }

  private RestClient client(int member) {
    return target.clients().get().withToken(tokens.of(name(member)));
  }

  private String createGroup(int g) {
    return client(g * groupSize)
        .post(
            "/groups",
            Map.of(
                "type", "PUBLIC",
                "name", "Bench " + g,
                "topic", "",
                "postingRule", "EVERYONE",
                "retentionDays", 0))
        .expect(201)
        .body()
        .path("group")
        .asText();
  }

  private void enter(int members) {
    try (ExecutorService threads = Executors.newFixedThreadPool(8)) {
      List<Future<RestClient.Reply>> joins = new ArrayList<>();
      for (int i = 0; i < members; i++) {
        int member = i;
        if (member % groupSize != 0) {
          String path = "/groups/" + groups.get(member / groupSize) + "/join";
          joins.add(threads.submit(() -> client(member).post(path, null).expect(200)));
        }
      }
      for (Future<RestClient.Reply> join : joins) {
        join.get();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    } catch (ExecutionException e) {
      throw new IllegalStateException(e.getCause());
    }
  }

  private void connect(int members) throws InterruptedException {
    CountDownLatch welcomed = new CountDownLatch(members);
    for (int i = 0; i < members; i++) {
      int room = i / groupSize;
      loop.connect(
          new PlenumMember(
              load,
              target.httpPort(),
              tokens.of(name(i)),
              i,
              room,
              groups.get(room),
              run,
              welcomed::countDown),
          target.httpPort());
    }
    if (!welcomed.await(CONNECT_LIMIT.toSeconds(), TimeUnit.SECONDS)) {
      throw new IllegalStateException(
          welcomed.getCount() + " members were not welcomed: " + load.notices());
    }
  }

  /** Stops the load, waits until all is delivered, and says what was wrong; empty is good. */
  List<String> settleAndCheck() throws SQLException {
    load.stop();
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
    while (!load.quiet() && System.nanoTime() < end) {
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(50));
    }
    List<String> wrong = new ArrayList<>(load.verdict());
    checkStored(wrong);
    return wrong;
  }

  /** Every group gapless, every acknowledged post stored once, none beside. */
  private void checkStored(List<String> wrong) throws SQLException {
    int[] acknowledged = load.acknowledgedByMember();
    int[] stored = new int[acknowledged.length];
    long[] sums = new long[acknowledged.length];
    try (var connection = target.database().connect()) {
      connection.setAutoCommit(false);
      for (String group : groups) {
        try (PreparedStatement query =
            connection.prepareStatement(
                "SELECT count(*), min(seq), max(seq) FROM timeline_entry WHERE group_id = ?::uuid")) {
          query.setString(1, group);
          try (ResultSet row = query.executeQuery()) {
            row.next();
            if (row.getLong(1) != row.getLong(3) || row.getLong(2) != 1) {
              wrong.add("group %s has gaps in the database".formatted(group));
            }
          }
        }
      }
      try (PreparedStatement query =
          connection.prepareStatement(
              "SELECT client_id FROM timeline_entry WHERE client_id BETWEEN ? AND ?")) {
        query.setFetchSize(10_000);
        query.setObject(1, new UUID(run, 0)); // PostgreSQL orders ids as unsigned numbers
        query.setObject(2, new UUID(run, -1));
        try (ResultSet rows = query.executeQuery()) {
          while (rows.next()) {
            long lower = PlenumMember.senderAndNumber(rows.getObject(1, UUID.class));
            stored[(int) (lower >>> 32)]++;
            sums[(int) (lower >>> 32)] += (int) lower;
          }
        }
      }
      connection.rollback();
    }
    for (int i = 0; i < stored.length; i++) {
      // The ids are unique by constraint: as many as acknowledged, with the sum of 0..n-1, are
      // those.
      long sum = (long) acknowledged[i] * (acknowledged[i] - 1) / 2;
      if (stored[i] != acknowledged[i] || sums[i] != sum) {
        wrong.add("member %d: %d acknowledged, %d stored".formatted(i, acknowledged[i], stored[i]));
      }
    }
  }

  /** Posts acknowledged so far. */
  long acknowledged() {
    return Arrays.stream(load.acknowledgedByMember()).asLongStream().sum();
  }

  @Override
  public void close() {
    loop.close();
  }
}
