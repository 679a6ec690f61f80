package org.plenum.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;
import static org.plenum.report.NewReports.AT;
import static org.plenum.report.NewReports.placed;
import static org.plenum.report.NewReports.plain;
import static org.plenum.report.NewReports.state;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.plenum.group.api.GroupId;
import org.plenum.platform.ErrorCode;
import org.plenum.platform.ServiceException;
import org.plenum.report.api.ReportEnvelope;
import org.plenum.report.api.ReportQueries.Delivery;
import org.plenum.report.api.ReportQueries.State;
import org.plenum.report.api.ReportQueries.Stored;
import org.plenum.report.api.ReportQueries.Summary;
import org.plenum.report.api.UserState;
import org.plenum.writer.TestDatabase;

/** Effects of reports in a database: exactly once, whatever comes again. */
abstract class ReportProcessingContract {
  private static final String GROUP = "0192f3a4-b5c6-7d8e-8f90-a1b2c3d4e5f6";
  private static final Instant HOUR = Instant.parse("2026-11-24T11:00:00Z");

  private TestDatabase database;
  private JdbcReportStore store;
  private JdbcReportQueries queries;

  abstract TestDatabase database() throws Exception;

  @BeforeEach
  void open() throws Exception {
    database = database();
    store = store(AT);
    queries = queries(AT);
  }

  @AfterEach
  void close() throws Exception {
    database.close();
  }

  private JdbcReportStore store(Instant now) {
    return store(now, now);
  }

  private JdbcReportStore store(Instant now, Instant databaseNow) {
    return new JdbcReportStore(
        database.dataSource(),
        Clock.fixed(now, ZoneOffset.UTC),
        DatabaseTime.fixed(databaseNow),
        Duration.ofMinutes(2),
        Duration.ofHours(1));
  }

  private JdbcReportQueries queries(Instant now) {
    return new JdbcReportQueries(database.dataSource(), DatabaseTime.fixed(now));
  }

  private List<String> keys() {
    return queries.reports(null, null, 200).items().stream()
        .map(stored -> stored.envelope().report().key())
        .toList();
  }

  @Test
  void aBatchThatComesAgainChangesNothing() {
    List<ReportEnvelope> batch =
        List.of(
            plain("a", "1"),
            plain("b", "1"),
            state("2", "ada", "phone", "{\"state\":\"away\"}", AT));

    assertThat(store.apply(batch)).isEqualTo(3);
    assertThat(store.apply(batch)).isZero();
    assertThat(store.apply(List.of(plain("b", "1"), plain("a", "3")))).isEqualTo(1);

    assertThat(keys()).containsExactly("1", "1", "2", "3");
    assertThat(queries.summaries(HOUR, 10))
        .containsExactly(
            new Summary(HOUR, "a", "stock", 2),
            new Summary(HOUR, "b", "stock", 1),
            new Summary(HOUR, "src", "state", 1));
  }

  @Test
  void aReportThatIsTwiceInABatchIsStoredOnce() {
    assertThat(store.apply(List.of(plain("a", "1"), plain("a", "2"), plain("a", "1"))))
        .isEqualTo(2);
    assertThat(keys()).containsExactly("1", "2");
  }

  @Test
  void aReportIsReadAsItWasSubmitted() {
    ReportEnvelope report = state("1", "zo\u00eb", "phone", "{\"state\":\"online\"}", AT);
    store.apply(List.of(report));

    Stored stored = queries.reports("src", null, 10).items().getFirst();
    assertThat(stored.envelope()).isEqualTo(report);
    assertThat(stored.id()).isEqualTo(report.id());
    assertThat(stored.storedAt()).isEqualTo(AT);
    assertThat(queries.reports("other", null, 10).items()).isEmpty();
  }

  @Test
  void pagesOfReportsJoinWithoutGapAndDouble() {
    List<ReportEnvelope> batch = new ArrayList<>();
    for (int i = 0; i < 25; i++) {
      batch.add(plain("a", "k" + i));
    }
    store.apply(batch);

    List<String> read = new ArrayList<>();
    String cursor = null;
    do {
      var page = queries.reports("a", cursor, 10);
      page.items().forEach(it -> read.add(it.envelope().report().key()));
      cursor = page.next();
    } while (cursor != null);
    assertThat(read).isEqualTo(batch.stream().map(it -> it.report().key()).toList());
  }

  @Test
  void theNewestConfirmationOfADeviceCountsWhateverTheOrderOfProcessing() {
    JdbcReportStore store = store(AT.plusSeconds(9));
    store.apply(
        List.of(
            state("1", "ada", "phone", "{\"state\":\"online\"}", AT.plusSeconds(2)),
            state("2", "ada", "phone", "{\"state\":\"away\"}", AT.plusSeconds(1))));
    assertThat(queries.states(List.of("ada", "bob"))).isEqualTo(Map.of("ada", UserState.ONLINE));

    store.apply(List.of(state("3", "ada", "phone", "{\"state\":\"offline\"}", AT)));
    assertThat(queries.states(List.of("ada"))).isEqualTo(Map.of("ada", UserState.ONLINE));

    store.apply(List.of(state("4", "ada", "phone", "{\"state\":\"offline\"}", AT.plusSeconds(3))));
    assertThat(queries.states(List.of("ada"))).isEqualTo(Map.of("ada", UserState.OFFLINE));
  }

  @Test
  void theMostPresentDeviceOfAUserTells() {
    store.apply(
        List.of(
            state("1", "ada", "phone", "{\"state\":\"offline\"}", AT),
            state("2", "ada", "desk", "{\"state\":\"away\"}", AT)));
    assertThat(queries.states(List.of("ada"))).isEqualTo(Map.of("ada", UserState.AWAY));
  }

  @Test
  void aStateHoldsAsLongAsItsReportSaysWithinTheBound() {
    store.apply(
        List.of(
            state("1", "ada", "x", "{\"state\":\"online\"}", AT),
            state("2", "bob", "x", "{\"state\":\"online\",\"seconds\":10}", AT),
            state("3", "eve", "x", "{\"state\":\"online\",\"seconds\":999999999999}", AT)));

    assertThat(queries.states(null, 10).items())
        .extracting(State::user, State::expiresAt)
        .containsExactly(
            tuple("ada", AT.plusSeconds(120)),
            tuple("bob", AT.plusSeconds(10)),
            tuple("eve", AT.plusSeconds(3_600)));
    assertThat(queries(AT.plusSeconds(60)).states(List.of("ada", "bob", "eve")).keySet())
        .containsExactlyInAnyOrder("ada", "eve");
  }

  @Test
  void aStateHoldsByTheClockOfTheDatabaseWhateverTheNodesSays() {
    Instant ahead = AT.plus(Duration.ofHours(1));
    Instant behind = AT.minus(Duration.ofHours(1));
    store(ahead, AT)
        .apply(
            List.of(
                state("1", "ada", "x", "{\"state\":\"online\"}", ahead),
                state("2", "bob", "x", "{\"state\":\"online\"}", ahead.plusSeconds(9))));
    store(behind, AT).apply(List.of(state("3", "eve", "x", "{\"state\":\"online\"}", behind)));
    // Received before the node's clock was put right, stored after that.
    store.apply(List.of(state("4", "kim", "x", "{\"state\":\"online\"}", ahead)));

    assertThat(queries.states(null, 10).items())
        .extracting(State::user, State::expiresAt)
        .containsExactly(
            tuple("ada", AT.plusSeconds(120)),
            tuple("bob", AT.plusSeconds(120)),
            tuple("eve", AT.plusSeconds(120)),
            tuple("kim", AT.plusSeconds(120)));
    store.apply(List.of(state("5", "ada", "x", "{\"state\":\"away\"}", AT)));
    assertThat(queries.states(List.of("ada")))
        .as("what comes later through another node counts")
        .isEqualTo(Map.of("ada", UserState.AWAY));
    assertThat(queries.summaries(Instant.EPOCH, 10))
        .extracting(Summary::hour, Summary::reports)
        .containsExactly(tuple(HOUR, 5L));
  }

  @Test
  void pagesOfStatesJoinWithoutGapAndDouble() {
    List<ReportEnvelope> batch = new ArrayList<>();
    for (int i = 0; i < 25; i++) {
      batch.add(state("k" + i, "u" + i / 3, "d" + i, "{\"state\":\"online\"}", AT));
    }
    store.apply(batch);

    List<String> read = new ArrayList<>();
    String cursor = null;
    do {
      var page = queries.states(cursor, 4);
      page.items().forEach(it -> read.add(it.user() + it.device()));
      cursor = page.next();
    } while (cursor != null);
    assertThat(read).hasSize(25).doesNotHaveDuplicates().isSorted();
  }

  @Test
  void aPositionIsStoredWithItsReportsAndMovedByNewOnesOnly() {
    assertThat(store.position("xmpp")).isEmpty();
    store.apply(List.of(placed("xmpp", "1"), placed("xmpp", "2"), placed("other", "9")));
    assertThat(store.position("xmpp")).contains("2");

    store.apply(List.of(placed("xmpp", "3"), placed("xmpp", "4")));
    store.apply(List.of(placed("xmpp", "1"), placed("xmpp", "2"), placed("xmpp", "3")));
    assertThat(store.position("xmpp")).contains("4");
    assertThat(store.position("other")).contains("9");
  }

  @Test
  void deliveryConfirmationsOnlyGoForward() {
    store.apply(List.of(delivery("1", "ada", 5), delivery("2", "ada", 3), delivery("3", "bob", 7)));
    store.apply(List.of(delivery("4", "ada", 4), delivery("5", "bob", 9)));

    assertThat(queries.deliveries(GroupId.parse(GROUP), 10))
        .containsExactly(new Delivery("ada", 5, AT), new Delivery("bob", 9, AT));
  }

  private static ReportEnvelope delivery(String key, String user, long seq) {
    return NewReports.of(
        "src",
        key,
        "delivery",
        user,
        null,
        "{\"group\":\"" + GROUP + "\",\"seq\":" + seq + "}",
        AT,
        null);
  }

  @Test
  void nodesThatProcessTheSameReportsAtTheSameTimeHaveTheirEffectOnce() throws Exception {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    List<ReportEnvelope> all = new ArrayList<>();
    for (int i = 0; i < 300; i++) {
      all.add(
          i % 3 == 0
              ? state("k" + i, "u" + i % 5, "d", "{\"state\":\"online\"}", AT.plusMillis(i))
              : placed("s" + i % 4, "k" + i));
    }
    List<Callable<Integer>> nodes = new ArrayList<>();
    for (int node = 0; node < 3; node++) {
      List<ReportEnvelope> mine = new ArrayList<>(all);
      if (node > 0) {
        Collections.rotate(mine, random.nextInt(300));
      }
      nodes.add(() -> drain(mine));
    }
    int fresh = 0;
    try (ExecutorService threads = Executors.newFixedThreadPool(3)) {
      for (Future<Integer> done : threads.invokeAll(nodes)) {
        fresh += done.get();
      }
    }

    assertThat(fresh).as("seed %d", seed).isEqualTo(300);
    assertThat(queries.summaries(HOUR, 100).stream().mapToLong(Summary::reports).sum())
        .as("seed %d", seed)
        .isEqualTo(300);
    assertThat(keys()).as("seed %d", seed).doesNotHaveDuplicates().hasSize(200);
  }

  private int drain(List<ReportEnvelope> reports) {
    int fresh = 0;
    for (int from = 0; from < reports.size(); from += 20) {
      List<ReportEnvelope> batch = reports.subList(from, from + 20);
      boolean done = false;
      while (!done) {
        try {
          fresh += store.apply(batch);
          done = true;
        } catch (ServiceException e) {
          // A deadlock or a second race: what the processor does, too.
          assertThat(e.code()).isEqualTo(ErrorCode.READ_UNAVAILABLE);
        }
      }
    }
    return fresh;
  }

  @Test
  void aValueThatTheDatabaseRefusesIsNoOutageAndLeavesNothingBehind() {
    List<ReportEnvelope> batch =
        List.of(
            plain("a", "1"), NewReports.of("a", "2", "k".repeat(65), null, null, "{}", AT, null));
    assertThatThrownBy(() -> store.apply(batch))
        .isInstanceOfSatisfying(
            ServiceException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_VALUE));
    assertThat(keys()).isEmpty();
  }

  @Test
  void whatIsTooOldOrTooManyIsDeletedOldestFirst() {
    store(AT.minus(Duration.ofDays(3))).apply(List.of(plain("a", "old")));
    store.apply(List.of(plain("a", "1"), plain("a", "2"), plain("a", "3")));

    Instant day = AT.minus(Duration.ofDays(1));
    assertThat(store.prune(day, 1_000, day)).as("the report and the sum of its hour").isPositive();
    assertThat(keys()).containsExactly("1", "2", "3");
    assertThat(store.prune(day, 1_000, day)).isZero();
    assertThat(store.prune(day, 2, day)).isEqualTo(1);
    assertThat(keys()).containsExactly("2", "3");
    store.prune(day, 2, HOUR.plusSeconds(3_600));
    assertThat(queries.summaries(Instant.EPOCH, 10)).isEmpty();
  }
}
