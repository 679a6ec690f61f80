package org.plenum.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.plenum.report.NewReports.plain;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.eclipse.microprofile.config.Config;
import org.eclipse.microprofile.config.ConfigValue;
import org.eclipse.microprofile.config.spi.ConfigSource;
import org.eclipse.microprofile.config.spi.Converter;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.plenum.platform.ErrorCode;
import org.plenum.platform.ServiceException;
import org.plenum.report.api.ReportAnswer;
import org.plenum.report.queue.QueueException;
import org.plenum.update.CountingMeters;

/** A queue that has ended is opened again, and until then says why it takes nothing. */
@Timeout(60)
class QueueKeeperTest {
  @TempDir private Path folder;

  private final Map<String, String> settings = new HashMap<>();
  private final LocalReports local = new LocalReports();
  private final List<String> applied = Collections.synchronizedList(new ArrayList<>());
  private final List<RunningQueue> all = new ArrayList<>();

  @BeforeEach
  void configure() {
    settings.put("plenum.report.journal.dir", folder.toString());
    settings.put("plenum.report.journal.segment-megabytes", "1");
    settings.put("plenum.data.dir", folder.toString());
  }

  @AfterEach
  void close() {
    all.forEach(RunningQueue::close);
  }

  private RunningQueue open() {
    RunningQueue opened = RunningQueue.open(new Settings(), Clock.systemUTC());
    all.add(opened);
    local.attach(opened.opened());
    opened.drain(
        ReportConfig.PROCESSING_GROUP,
        consumers ->
            new ReportProcessor(
                consumers,
                batch -> {
                  batch.forEach(each -> applied.add(each.report().key()));
                  return batch.size();
                },
                () -> {},
                10,
                Duration.ofMillis(1),
                "g",
                new CountingMeters()),
        Thread::new);
    return opened;
  }

  private ReportAnswer submit(String key) throws Exception {
    return local
        .submit(List.of(plain("a", key).report()))
        .toCompletableFuture()
        .get(20, TimeUnit.SECONDS);
  }

  private void awaitApplied(String... keys) {
    Awaitility.await()
        .atMost(Duration.ofSeconds(20))
        .untilAsserted(() -> assertThat(applied).containsExactly(keys));
  }

  /** As on storage that is shared and whose locks do not hold: another node takes it over. */
  private RunningQueue takenOver() throws Exception {
    Files.delete(folder.resolve("lock"));
    RunningQueue other = RunningQueue.open(new Settings(), Clock.systemUTC());
    all.add(other);
    return other;
  }

  @Test
  void aQueueWhoseStorageWasTakenOverComesBackWhenTheOtherNodeLetsItGo() throws Exception {
    QueueKeeper keeper = new QueueKeeper(open(), this::open, Duration.ofMillis(1));
    assertThat(submit("k1")).isInstanceOf(ReportAnswer.Accepted.class);
    assertThat(keeper.sound()).isTrue();
    assertThat(local.open()).isTrue();
    awaitApplied("k1");

    RunningQueue other = takenOver();
    assertThat(submit("k2"))
        .isInstanceOfSatisfying(
            ReportAnswer.Rejected.class,
            no -> {
              assertThat(no.code()).isEqualTo(ErrorCode.REPORTS_UNAVAILABLE);
              assertThat(no.detail()).contains("took the journal").contains("over");
            });
    assertThat(local.open()).as("it attracts no work any more").isFalse();
    assertThat(keeper.sound()).as("the other one has it").isFalse();
    assertThat(submit("k2")).isInstanceOf(ReportAnswer.Rejected.class);

    local.attach(other.opened());
    assertThat(submit("k3")).isInstanceOf(ReportAnswer.Accepted.class);
    other.close();
    assertThat(keeper.sound()).isTrue();
    assertThat(local.open()).isTrue();
    assertThat(submit("k4")).isInstanceOf(ReportAnswer.Accepted.class);
    awaitApplied("k1", "k3", "k4");
  }

  @Test
  void itsThreadOpensTheQueueAgainAndClosesItInTheEnd() throws Exception {
    QueueKeeper keeper = new QueueKeeper(open(), this::open, Duration.ofMillis(1));
    Thread thread = new Thread(keeper);
    thread.start();
    try {
      takenOver().close();
      assertThat(submit("k1")).isInstanceOf(ReportAnswer.Rejected.class);
      Awaitility.await().atMost(Duration.ofSeconds(20)).until(local::open);
      assertThat(submit("k2")).isInstanceOf(ReportAnswer.Accepted.class);
      awaitApplied("k2");
    } finally {
      keeper.stop();
      thread.join(20_000);
    }
    assertThat(thread.isAlive()).isFalse();
    assertThat(local.open()).isFalse();
    RunningQueue next = open();
    assertThat(next.ended()).as("the journal was let go").isNull();
  }

  @Test
  void aQueueThatCannotHaveItsGroupsLeavesNothingOpen() throws Exception {
    settings.put("plenum.report.stream.groups", "a");
    settings.put("plenum.report.max-groups", "1");
    assertThatThrownBy(() -> RunningQueue.open(new Settings(), Clock.systemUTC()))
        .isInstanceOf(ServiceException.class)
        .hasMessageContaining("already 1 consumer groups");
    settings.remove("plenum.report.stream.groups");
    QueueException ended = open().ended();
    assertThat(ended).isNull();
  }

  @Test
  void aGroupOfProcessingServersDoesNotTakeThePlaceOfTheNodesOwn() {
    for (String own : List.of("processing", "topic")) {
      settings.put("plenum.report.stream.groups", "erp, " + own);
      assertThatThrownBy(() -> ReportConfig.groups(new Settings()))
          .isInstanceOf(ServiceException.class)
          .hasMessageContaining("plenum.report.stream.groups contains " + own);
    }
  }

  private final class Settings implements Config {
    @Override
    public <T> Optional<T> getOptionalValue(String propertyName, Class<T> propertyType) {
      return Optional.ofNullable(settings.get(propertyName)).map(propertyType::cast);
    }

    @Override
    public <T> T getValue(String propertyName, Class<T> propertyType) {
      throw new UnsupportedOperationException();
    }

    @Override
    public ConfigValue getConfigValue(String propertyName) {
      throw new UnsupportedOperationException();
    }

    @Override
    public Iterable<String> getPropertyNames() {
      return settings.keySet();
    }

    @Override
    public Iterable<ConfigSource> getConfigSources() {
      return List.of();
    }

    @Override
    public <T> Optional<Converter<T>> getConverter(Class<T> forType) {
      return Optional.empty();
    }

    @Override
    public <T> T unwrap(Class<T> type) {
      throw new UnsupportedOperationException();
    }
  }
}
