package org.plenum.account;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.plenum.account.api.Account;
import org.plenum.group.api.CommandAnswer;
import org.plenum.group.api.CommandEnvelope;
import org.plenum.group.api.GroupCommand;
import org.plenum.group.api.GroupCommandService;
import org.plenum.platform.ErrorCode;

class DemoSeedTest {
  private static final Clock CLOCK =
      Clock.fixed(Instant.parse("2026-11-22T20:00:00Z"), ZoneOffset.UTC);

  private final InMemoryAccountRepository repository = new InMemoryAccountRepository();
  private final AccountConfig config =
      new AccountConfig(1_000, 8, "", "", true, 1_000, Duration.ofMinutes(1), true);
  private final Accounts accounts =
      new Accounts(
          repository,
          new AccountCache(repository, config, Runnable::run),
          new PasswordHasher(1_000),
          config,
          CLOCK);
  private final Map<UUID, CommandEnvelope> written = new LinkedHashMap<>();
  private final GroupCommandService groups =
      envelope -> {
        boolean replayed = written.put(envelope.clientId(), envelope) != null;
        return CompletableFuture.completedFuture(
            new CommandAnswer.Accepted(envelope.group(), 1, 1, 1, CLOCK.instant(), replayed));
      };

  @Test
  void demoPeopleSignInAndOneAdministers() throws Exception {
    assertThat(new DemoSeed(accounts, groups, CLOCK).run()).isTrue();

    for (String name : new String[] {"ada", "grace", "alan", "linus", "margaret"}) {
      assertThat(accounts.authenticate(name, "demo-" + name))
          .map(Account::admin)
          .contains(name.equals("ada"));
    }
    assertThat(written.values())
        .filteredOn(envelope -> envelope.command() instanceof GroupCommand.CreateGroup)
        .hasSize(4);
  }

  @Test
  void secondRunRepeatsTheSameWrites() throws Exception {
    new DemoSeed(accounts, groups, CLOCK).run();
    Map<UUID, CommandEnvelope> first = new LinkedHashMap<>(written);

    new DemoSeed(accounts, groups, CLOCK).run();

    assertThat(written).isEqualTo(first);
  }

  @Test
  void seedingIsTriedAgainWhileTheWriterIsNotReady() throws Exception {
    GroupCommandService away =
        envelope ->
            CompletableFuture.completedFuture(
                new CommandAnswer.Rejected(ErrorCode.WRITER_UNAVAILABLE, "not yet"));

    assertThat(new DemoSeed(accounts, away, CLOCK).run()).isFalse();
  }
}
