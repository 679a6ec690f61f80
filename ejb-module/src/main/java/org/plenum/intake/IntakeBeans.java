package org.plenum.intake;

import jakarta.annotation.Resource;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.time.Clock;
import java.time.Duration;
import javax.sql.DataSource;
import org.eclipse.microprofile.config.Config;
import org.plenum.account.api.AccountService;
import org.plenum.group.api.GroupCommandService;
import org.plenum.group.api.GroupQueryService;
import org.plenum.platform.ErrorCode;
import org.plenum.platform.config.KnownConfig;
import org.plenum.platform.metrics.Meters;
import org.plenum.report.ReportConfig;
import org.plenum.report.api.ReportAdminService;
import org.plenum.report.api.ReportService;

/** Wires the intake; CDI calls it, nobody else. */
@ApplicationScoped
public class IntakeBeans {
  @Resource(lookup = "jdbc/plenum")
  private DataSource dataSource;

  /** One intake for the consumer and the administrators. */
  @Produces
  @Singleton
  CommandIntake intake(
      AccountService accounts,
      GroupQueryService groups,
      GroupCommandService commands,
      ReportIntake reports,
      Meters meters) {
    Config config = KnownConfig.get();
    Clock clock = Clock.systemUTC();
    int maxBytes = IntakeConfig.MAX_BYTES.from(config);
    Duration answerTimeout = IntakeConfig.ANSWER_TIMEOUT.from(config);
    JdbcDeadLetterStore store = new JdbcDeadLetterStore(dataSource);
    LegacyProcessor processor =
        new LegacyProcessor(
            new LegacyDirectory(new LegacyCommands(maxBytes), accounts, groups),
            commands,
            clock,
            new LegacyProcessor.Bounds(
                answerTimeout,
                IntakeConfig.PATIENCE.from(config),
                IntakeConfig.RETRY_PAUSE.from(config)));
    WriterCheck writer = new WriterCheck(commands, clock, answerTimeout);
    RedeliveryGuard guard =
        new RedeliveryGuard(
            processor::process,
            new JdbcAttemptStore(dataSource),
            () -> store.reachable() && writer.getAsBoolean(),
            // The question before it goes to the writer alone, which works without the replica.
            code -> code == ErrorCode.REPLICA_AWAY,
            clock,
            IntakeConfig.MAX_TRIES.from(config));
    return new CommandIntake(
        processor,
        guard,
        reports::replay,
        store,
        clock,
        store::now,
        maxBytes,
        IntakeConfig.LETTER_RETENTION.from(config),
        IntakeConfig.LETTER_LIMIT.from(config),
        meters);
  }

  /** The intake of the report queue. */
  @Produces
  @Singleton
  ReportIntake reportIntake(ReportService reports, ReportAdminService queue, Meters meters) {
    Config config = KnownConfig.get();
    return new ReportIntake(
        reports,
        new JdbcDeadLetterStore(dataSource),
        new JdbcAttemptStore(dataSource),
        IntakeConfig.MAX_TRIES.from(config),
        () -> queue.status().map(status -> status.queue().failing() == null).orElse(false),
        Clock.systemUTC(),
        // A text holds a body within its bound, and names and times beside it.
        ReportConfig.MAX_BYTES.from(config) + IntakeConfig.MAX_BYTES.from(config),
        IntakeConfig.ANSWER_TIMEOUT.from(config),
        meters);
  }
}
