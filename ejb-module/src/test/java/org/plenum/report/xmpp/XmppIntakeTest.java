package org.plenum.report.xmpp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Clock;
import java.time.Duration;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.plenum.platform.ErrorCode;
import org.plenum.report.api.NewReport;
import org.plenum.report.api.ReportAnswer;
import org.plenum.report.api.ReportService;
import org.plenum.report.api.XmppStatus.State;
import org.plenum.report.xmpp.ArchiveException.Reason;

@Timeout(300)
class XmppIntakeTest {
  private static final XmppAccount ACCOUNT = XmppAccount.parse("reports@chat.test=127.0.0.1:5222");
  private static final Clock CLOCK = Clock.fixed(FakeArchive.ARCHIVED, ZoneOffset.UTC);
  private static final Duration MOMENT = Duration.ofMillis(1);
  private static final Duration LONG = Duration.ofHours(1);
  private static final int OVERLAP_SECONDS = 3;
  private static final int SEEDS = Integer.getInteger("plenum.xmpp.seeds", 2_000);

  private final FakeReports reports = new FakeReports();
  private final FakeReports.Node node = reports.new Node(true);
  private final FakeLetters letters = new FakeLetters();

  @Test
  void anArchiveIsReadPageByPageInItsOrder() {
    FakeArchive archive = new FakeArchive(7);
    IntStream.range(0, 50).forEach(archive::report);
    runUntilIdle(archive, node);
    assertThat(numbers()).containsExactlyElementsOf(upTo(50));
  }

  @Test
  void readingGoesOnBehindTheReportThatTookEffectLast() {
    FakeArchive archive = new FakeArchive(7);
    IntStream.range(0, 10).forEach(archive::report);
    runUntilIdle(archive, node);
    IntStream.range(10, 12).forEach(archive::report);
    archive.deleteOldest(2);
    XmppIntake.Pace pace = pace(MOMENT, MOMENT, MOMENT);
    assertThat(runUntilIdle(archive, node, letters, pace).gone()).isZero();
    assertThat(numbers()).containsExactlyElementsOf(upTo(12));
  }

  @Test
  void thePositionLagsBehindByTheOverlap() {
    FakeArchive archive = new FakeArchive(1);
    IntStream.range(0, 50).forEach(archive::report);
    runUntilIdle(archive, node);
    // One page after the other of one message each, a second apart, with an overlap of three.
    assertThat(node.position(ACCOUNT.source())).contains("a44");
  }

  @Test
  void aMessageThatCameToStandBeforeOneThatWasReadIsReadToo() throws InterruptedException {
    FakeArchive archive = new FakeArchive(5);
    IntStream.range(0, 10).forEach(archive::report);
    XmppIntake intake = intake(archive, node, pace(LONG, MOMENT, MOMENT));
    Thread thread = Thread.ofPlatform().start(intake);
    await().until(() -> reports.effects().size() == 10);
    archive.lateReport(10, 2, OVERLAP_SECONDS);
    await().until(() -> reports.effects().size() == 11);
    assertThat(numbers()).containsExactlyElementsOf(upTo(11));
    intake.stop();
    thread.join();
  }

  @Test
  void aMessageThatCameWhileNobodyWasConnectedAndStandsBeforeOneThatWasReadIsReadToo() {
    FakeArchive archive = new FakeArchive(5);
    IntStream.range(0, 10).forEach(archive::report);
    runUntilIdle(archive, node);
    archive.lateReport(10, 2, OVERLAP_SECONDS);
    runUntilIdle(archive, node);
    assertThat(numbers()).containsExactlyElementsOf(upTo(11));
  }

  @Test
  void twoMessagesOfOneIdAreTwoReports() {
    for (int pageSize = 1; pageSize < 5; pageSize++) {
      FakeReports all = new FakeReports();
      FakeArchive archive = new FakeArchive(Math.max(2, pageSize));
      archive.report(1);
      archive.report(2);
      archive.add(twin("a2", "bob@chat.test/x"));
      archive.report(3);
      runUntilIdle(archive, all.new Node(true));
      assertThat(all.effects())
          .extracting(NewReport::user)
          .containsExactly("ada", "ada", "bob", "ada");
    }
  }

  private static ArchivedMessage twin(String id, String from) {
    return new ArchivedMessage(
        id, from, "m", "{\"kind\":\"state\"}", null, FakeArchive.ARCHIVED.plusSeconds(2), false);
  }

  @Test
  void theKeyOfAReportIsItsIdInTheArchive() {
    FakeArchive archive = new FakeArchive(7);
    archive.report(5);
    runUntilIdle(archive, node);
    NewReport report = reports.effects().getFirst();
    assertThat(report.source()).isEqualTo("xmpp/reports@chat.test");
    assertThat(report.key()).startsWith("a5~").hasSizeLessThan(20);
    assertThat(report.user()).isEqualTo("ada");
    assertThat(report.occurredAt()).isEqualTo(FakeArchive.ARCHIVED.plusSeconds(5));
  }

  @Test
  void aPageThatTheQueueHasNoRoomForIsReadAgainOverTheSameConnection() {
    FakeArchive archive = new FakeArchive(4);
    IntStream.range(0, 10).forEach(archive::report);
    AtomicInteger tries = new AtomicInteger();
    reports.gate(
        list ->
            tries.incrementAndGet() % 3 == 0
                ? null
                : new ReportAnswer.Rejected(ErrorCode.REPORT_QUEUE_FULL, "no room"));
    runUntilIdle(archive, node);
    assertThat(numbers()).containsExactlyElementsOf(upTo(10));
    assertThat(archive.opened()).isEqualTo(1);
  }

  @Test
  void aReportThatCanNeverBeTakenBecomesALetterAndTheOthersAreTaken() {
    FakeArchive archive = new FakeArchive(10);
    IntStream.range(0, 5).forEach(archive::report);
    reports.gate(
        list ->
            list.stream().anyMatch(report -> report.key().startsWith("a3~"))
                ? new ReportAnswer.Rejected(ErrorCode.INVALID_VALUE, "never")
                : null);
    runUntilIdle(archive, node);
    assertThat(numbers()).containsExactly(0, 1, 2, 4);
    assertThat(letters.letters())
        .singleElement()
        .satisfies(
            letter -> {
              assertThat(letter.archiveId()).isEqualTo("a3");
              assertThat(letter.code()).isEqualTo(ErrorCode.INVALID_VALUE);
            });
  }

  @Test
  void messagesThatAreNoReportsBecomeLettersAndBlockNothing() {
    FakeArchive archive = new FakeArchive(2);
    archive.add(FakeArchive.text("x1", FakeArchive.ADA, "hello"));
    archive.report(1);
    archive.add(FakeArchive.text("x2", "eve@elsewhere.test", "{\"kind\":\"state\"}"));
    archive.add(FakeArchive.text("x3", FakeArchive.ADA, null));
    archive.add(FakeArchive.text("x4", FakeArchive.ADA, "{\"kind\":\"state\",\"user\":\"bob\"}"));
    archive.report(2);
    runUntilIdle(archive, node);
    assertThat(numbers()).containsExactly(1, 2);
    assertThat(letters.letters())
        .extracting(XmppLetters.Letter::archiveId)
        .containsExactly("x1", "x2", "x4");
  }

  @Test
  void anArchiveThatLostThePlaceIsReadFromItsBeginningAndThatIsSeen() {
    FakeArchive archive = new FakeArchive(3);
    IntStream.range(0, 15).forEach(archive::report);
    runUntilIdle(archive, node);
    IntStream.range(15, 19).forEach(archive::report);
    archive.deleteOldest(15);
    XmppView view = runUntilIdle(archive, node);
    assertThat(numbers()).containsExactlyElementsOf(upTo(19));
    assertThat(view.gone()).isEqualTo(1);
    assertThat(view.goneAt()).isEqualTo(FakeArchive.ARCHIVED);
  }

  @Test
  void senderGetsAReceiptWhenTheReportIsDurableAndNotBefore() {
    FakeArchive archive = new FakeArchive(3);
    archive.add(
        new ArchivedMessage("a1", FakeArchive.ADA, "m1", "{\"kind\":\"state\"}", null, null, true));
    List<List<String>> receiptsAtSubmit = new ArrayList<>();
    reports.gate(
        list -> {
          receiptsAtSubmit.add(archive.receipts());
          return receiptsAtSubmit.size() == 1
              ? new ReportAnswer.Rejected(ErrorCode.REPORT_STORAGE_FAILED, "disk")
              : null;
        });
    runUntilIdle(archive, node);
    assertThat(receiptsAtSubmit).containsExactly(List.of(), List.of());
    assertThat(archive.receipts()).containsExactly("a1");
  }

  @Test
  void aLiveMessageWakesTheReading() throws InterruptedException {
    FakeArchive archive = new FakeArchive(3);
    XmppIntake intake = intake(archive, node, pace(LONG, MOMENT, MOMENT));
    Thread thread = Thread.ofPlatform().start(intake);
    await().until(() -> intake.view().state() == State.LIVE);
    for (int i = 0; i < 20; i++) {
      archive.report(i);
    }
    await().until(() -> reports.effects().size() == 20);
    assertThat(numbers()).containsExactlyElementsOf(upTo(20));
    intake.stop();
    thread.join();
  }

  @Test
  void stopEndsAPauseAtOnce() throws InterruptedException {
    FakeArchive archive = new FakeArchive(3);
    archive.opening(
        () -> {
          throw new ArchiveException(Reason.AWAY, "connection refused", null);
        });
    XmppIntake intake = intake(archive, node, pace(LONG, LONG, LONG));
    Thread thread = Thread.ofPlatform().start(intake);
    await().until(() -> "connection refused".equals(intake.view().lastError()));
    intake.stop();
    thread.join();
    assertThat(archive.opened()).isEqualTo(1);
  }

  @Test
  void aRefusedPasswordIsTriedAgainOnlyAfterTheLongestPause() throws InterruptedException {
    FakeArchive archive = new FakeArchive(3);
    archive.opening(
        () -> {
          throw new ArchiveException(Reason.REFUSED, "not authorized", null);
        });
    XmppIntake intake = intake(archive, node, pace(MOMENT, MOMENT, LONG));
    Thread thread = Thread.ofPlatform().start(intake);
    await().until(() -> "not authorized".equals(intake.view().lastError()));
    await().during(Duration.ofMillis(200)).until(() -> archive.opened() == 1);
    intake.stop();
    thread.join();
  }

  @Test
  void aQueueThatNeverAnswersDoesNotHoldTheIntakeForEver() throws InterruptedException {
    FakeArchive archive = new FakeArchive(3);
    archive.report(0);
    AtomicInteger submits = new AtomicInteger();
    ReportService silent =
        new ReportService() {
          @Override
          public Sorted submitEach(List<NewReport> list) {
            return new Sorted(Collections.nCopies(list.size(), null), submit(list));
          }

          @Override
          public boolean open() {
            return true;
          }

          @Override
          public CompletionStage<ReportAnswer> submit(List<NewReport> list) {
            submits.incrementAndGet();
            return new CompletableFuture<>();
          }

          @Override
          public Optional<String> position(String source) {
            return Optional.empty();
          }
        };
    XmppIntake intake = intake(archive, silent, pace(MOMENT, MOMENT, MOMENT));
    Thread thread = Thread.ofPlatform().start(intake);
    await().until(() -> submits.get() >= 3);
    assertThat(intake.view().received()).isZero();
    assertThat(intake.view().lastError()).contains("did not answer");
    intake.stop();
    thread.join();
  }

  /**
   * Connections that end at any point, a queue that refuses, an archive that forgets what was
   * taken, intakes that die with reports in their journals, owners that do not know that they were
   * fenced, and with every other seed messages that come to stand before others: each report takes
   * effect once, and in the order of the archive where that has one.
   */
  @Test
  void randomFaultsLoseDoubleAndReorderNothing() {
    Logger log = Logger.getLogger(XmppIntake.class.getName());
    log.setLevel(Level.OFF);
    try {
      for (int seed = 0; seed < SEEDS; seed++) {
        new Story(seed).play();
      }
    } finally {
      log.setLevel(null);
    }
  }

  private static final class Story {
    private final int seed;
    private final Random random;
    private final FakeReports all = new FakeReports();
    private final FakeArchive archive;
    private final List<FakeReports.Node> nodes = new ArrayList<>();
    private int sent;

    Story(int seed) {
      this.seed = seed;
      this.random = new Random(seed);
      this.archive = new FakeArchive(1 + random.nextInt(5));
    }

    void play() {
      all.gate(
          list ->
              random.nextInt(4) == 0
                  ? new ReportAnswer.Rejected(ErrorCode.REPORT_QUEUE_FULL, "no room")
                  : null);
      int owners = 2 + random.nextInt(4);
      for (int i = 0; i < owners; i++) {
        // The journal of a node outlives the intake: it is processed later, perhaps much later.
        FakeReports.Node node = all.new Node(false);
        nodes.add(node);
        own(node, 3 + random.nextInt(12));
        nodes.forEach(each -> each.process(random.nextInt(6)));
        if (random.nextBoolean()) {
          forgetWhatWasTaken();
        }
      }
      FakeReports.Node last = all.new Node(false);
      nodes.add(last);
      all.gate(list -> null);
      archive.beforePage(() -> {});
      archive.afterPage(() -> {});
      runUntilIdle(archive, last, new FakeLetters(), pace(MOMENT, MOMENT, MOMENT));
      nodes.forEach(each -> each.process(Integer.MAX_VALUE));
      List<Integer> numbers = numbers(all);
      if (inOrder()) {
        assertThat(numbers).as("seed %d", seed).containsExactlyElementsOf(upTo(sent));
      } else {
        assertThat(numbers).as("seed %d", seed).containsExactlyInAnyOrderElementsOf(upTo(sent));
      }
    }

    /** One intake for as many pages, then it is as dead as after kill -9. */
    private void own(FakeReports.Node node, int pages) {
      AtomicInteger left = new AtomicInteger(pages);
      XmppIntake intake =
          intake(archive, node, new FakeLetters(), pace(MOMENT, Duration.ofNanos(1), MOMENT));
      archive.beforePage(
          () -> {
            if (left.decrementAndGet() <= 0) {
              intake.stop();
              throw new ArchiveException(Reason.AWAY, "killed", null);
            }
            for (int i = random.nextInt(4); i > 0; i--) {
              send();
            }
            node.process(random.nextInt(4));
            cut();
          });
      archive.afterPage(this::cut);
      intake.run();
    }

    private boolean inOrder() {
      return seed % 2 == 0;
    }

    private void send() {
      if (inOrder() || random.nextInt(4) > 0) {
        archive.report(sent++);
      } else {
        archive.lateReport(sent++, 1 + random.nextInt(4), OVERLAP_SECONDS);
      }
    }

    private void forgetWhatWasTaken() {
      Set<String> taken =
          all.effects().stream().map(NewReport::key).collect(Collectors.toUnmodifiableSet());
      int most = 0;
      for (String key : archive.keys()) {
        if (!taken.contains(key)) {
          break;
        }
        most++;
      }
      archive.deleteOldest(random.nextInt(most + 1));
    }

    private void cut() throws ArchiveException {
      if (random.nextInt(6) == 0) {
        throw new ArchiveException(Reason.AWAY, "cut", null);
      }
    }
  }

  private XmppView runUntilIdle(FakeArchive archive, ReportService service) {
    return runUntilIdle(archive, service, letters, pace(MOMENT, MOMENT, MOMENT));
  }

  private static XmppView runUntilIdle(
      FakeArchive archive, ReportService service, XmppLetters letters, XmppIntake.Pace pace) {
    XmppIntake intake = intake(archive, service, letters, pace);
    archive.idle(intake::stop);
    intake.run();
    archive.idle(() -> {});
    return intake.view();
  }

  private XmppIntake intake(FakeArchive archive, ReportService service, XmppIntake.Pace pace) {
    return intake(archive, service, letters, pace);
  }

  private static XmppIntake intake(
      FakeArchive archive, ReportService service, XmppLetters letters, XmppIntake.Pace pace) {
    return new XmppIntake(
        ACCOUNT,
        archive,
        service,
        new XmppReports(ACCOUNT, 65_536, Set.of(), CLOCK),
        letters,
        pace,
        CLOCK,
        new AtomicLong()::incrementAndGet,
        new SplittableRandom(1),
        new XmppMeters(new NoMeters()));
  }

  private static XmppIntake.Pace pace(Duration poll, Duration first, Duration longest) {
    return new XmppIntake.Pace(
        250,
        poll,
        Duration.ofSeconds(OVERLAP_SECONDS),
        10_000,
        Duration.ofMillis(20),
        first,
        longest,
        true);
  }

  private List<Integer> numbers() {
    return numbers(reports);
  }

  private static List<Integer> numbers(FakeReports reports) {
    return reports.effects().stream()
        .map(report -> report.body().replaceAll("\\D", ""))
        .map(Integer::parseInt)
        .toList();
  }

  private static List<Integer> upTo(int count) {
    return IntStream.range(0, count).boxed().toList();
  }
}
