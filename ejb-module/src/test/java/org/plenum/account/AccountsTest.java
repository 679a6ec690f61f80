package org.plenum.account;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.plenum.account.api.Account;
import org.plenum.group.api.Page;
import org.plenum.platform.ErrorCode;
import org.plenum.platform.ServiceException;
import org.plenum.update.UpdateListener;
import org.plenum.update.UpdateStream;

class AccountsTest {
  private static final Clock CLOCK =
      Clock.fixed(Instant.parse("2026-11-22T20:00:00Z"), ZoneOffset.UTC);

  private final InMemoryAccountRepository repository = new InMemoryAccountRepository();
  private final Accounts accounts = accounts(config(Duration.ofMinutes(1), true, 1_000));

  @Test
  void namesDifferMoreThanInCase() {
    accounts.create("Ada", "Ada Lovelace", false, null);

    assertThat(accounts.byName("ADA")).map(Account::displayName).contains("Ada Lovelace");
    assertCode(() -> accounts.create("aDA", "Another", false, null), ErrorCode.ACCOUNT_NAME_TAKEN);
  }

  @Test
  void strangeNamesAreRefused() {
    for (String name : List.of("", " ", "a b", "a\u0000", "a\nb", "x".repeat(101), "<script>")) {
      assertCode(() -> accounts.create(name, "Name", false, null), ErrorCode.INVALID_VALUE);
      assertThat(accounts.byName(name)).isEmpty();
    }
  }

  @Test
  void displayNamesArePrintable() {
    for (String name : List.of("", "  ", "a\u202Eb", "x".repeat(101), "a\tb")) {
      assertCode(() -> accounts.create("ada", name, false, null), ErrorCode.INVALID_VALUE);
    }
  }

  @Test
  void rightPasswordSignsIn() {
    Account ada = accounts.create("ada", "Ada", false, "correct horse");

    assertThat(accounts.authenticate("ADA", "correct horse")).contains(ada);
    assertThat(accounts.authenticate("ada", "Correct horse")).isEmpty();
    assertThat(accounts.authenticate("ada", "")).isEmpty();
    assertThat(accounts.authenticate("nobody", "correct horse")).isEmpty();
  }

  @Test
  void accountWithoutPasswordNeverSignsIn() {
    accounts.create("ada", "Ada", false, null);

    assertThat(accounts.authenticate("ada", "")).isEmpty();
    assertThat(accounts.authenticate("ada", "null")).isEmpty();
  }

  @Test
  void shortLongAndObviousPasswordsAreRefused() {
    for (String password : List.of("short", "x".repeat(257), "adalovelace")) {
      assertCode(
          () -> accounts.create("AdaLovelace", "Ada", false, password), ErrorCode.INVALID_VALUE);
    }
  }

  @Test
  void changedPasswordReplacesTheOldOne() {
    Account ada = accounts.create("ada", "Ada", false, "correct horse");

    accounts.setPassword(ada.id(), "battery staple");

    assertThat(accounts.authenticate("ada", "correct horse")).isEmpty();
    assertThat(accounts.authenticate("ada", "battery staple")).map(Account::id).contains(ada.id());
  }

  @Test
  void changedPasswordRevokesTheTokensOfItsOwnSecondToo() {
    Account ada = accounts.create("ada", "Ada", false, "correct horse");
    assertThat(accounts.byId(ada.id())).contains(ada);

    accounts.setPassword(ada.id(), "battery staple");

    assertThat(accounts.byId(ada.id()))
        .map(Account::tokensValidFrom)
        .contains(CLOCK.instant().plusSeconds(1));
  }

  @Test
  void anotherHashOfTheSamePasswordRevokesNothing() {
    accounts.create("ada", "Ada", false, "correct horse");
    Accounts dearer = accounts(config(Duration.ofMinutes(1), true, 2_000));

    assertThat(dearer.authenticate("ada", "correct horse")).isPresent();

    assertThat(dearer.authenticate("ada", "correct horse"))
        .map(Account::tokensValidFrom)
        .contains(Instant.EPOCH);
  }

  @Test
  void hashTellsAlgorithmAndCostAndNeverRepeats() {
    accounts.create("ada", "Ada", false, "correct horse");
    accounts.create("grace", "Grace", false, "correct horse");

    String ada = repository.byName("ada").orElseThrow().passwordHash();
    assertThat(ada).startsWith("pbkdf2-sha256$1000$").doesNotContain("horse");
    assertThat(repository.byName("grace").orElseThrow().passwordHash()).isNotEqualTo(ada);
  }

  @Test
  void hashOfAnotherCostIsRenewedAtSignIn() {
    accounts.create("ada", "Ada", false, "correct horse");
    Accounts dearer = accounts(config(Duration.ofMinutes(1), true, 2_000));

    assertThat(dearer.authenticate("ada", "correct horse")).isPresent();

    assertThat(repository.byName("ada").orElseThrow().passwordHash())
        .startsWith("pbkdf2-sha256$2000$");
    assertThat(dearer.authenticate("ada", "correct horse")).isPresent();
  }

  @Test
  void disabledAccountDoesNotSignInAndIsSeenDisabledAtOnce() {
    Account ada = accounts.create("ada", "Ada", false, "correct horse");
    accounts.byId(ada.id());

    accounts.setDisabled(ada.id(), true);

    assertThat(accounts.byId(ada.id())).map(Account::disabled).contains(true);
    assertThat(accounts.authenticate("ada", "correct horse")).isEmpty();
  }

  @Test
  void rememberedAccountServesWhileTheDatabaseIsAway() {
    Account ada = accounts.create("ada", "Ada", false, null);
    repository.away = true;

    assertThat(accounts.byId(ada.id())).contains(ada);
    assertThat(accounts.byName("ada")).contains(ada);
    assertThat(accounts.byIds(List.of(ada.id()))).containsEntry(ada.id(), ada);
    assertCode(() -> accounts.byId(99), ErrorCode.READ_UNAVAILABLE);
  }

  @Test
  void staleAccountIsReadAgainInTheBackground() {
    Accounts impatient = accounts(config(Duration.ofNanos(1), true, 1_000));
    Account ada = impatient.create("ada", "Ada", false, null);
    repository.setDisabled(ada.id(), true);

    await()
        .untilAsserted(
            () -> assertThat(impatient.byId(ada.id())).map(Account::disabled).contains(true));
    repository.away = true;
    assertThat(impatient.byId(ada.id())).isPresent();
    assertThat(impatient.byId(ada.id())).isPresent();
  }

  @Test
  void signingInWhileThePasswordIsChangedDoesNotUndoTheChange() {
    Account ada = accounts.create("ada", "Ada", false, "correct horse");
    Accounts dearer = accounts(config(Duration.ofMinutes(1), true, 2_000));
    // Found with the old hash, which is to be renewed; the change comes while it is computed.
    repository.beforeReplace = () -> accounts.setPassword(ada.id(), "battery staple");

    assertThat(dearer.authenticate("ada", "correct horse")).isEmpty();

    repository.beforeReplace = () -> {};
    assertThat(dearer.authenticate("ada", "battery staple")).isPresent();
    assertThat(dearer.authenticate("ada", "correct horse")).isEmpty();
  }

  @Test
  void signingInWithThePasswordOfAMomentAgoIsRefusedAndNotRemembered() {
    Account ada = accounts.create("ada", "Ada", false, "correct horse");
    repository.afterByName.set(() -> accounts.setPassword(ada.id(), "battery staple"));

    assertThat(accounts.authenticate("ada", "correct horse")).isEmpty();

    assertThat(accounts.byId(ada.id()))
        .map(Account::tokensValidFrom)
        .contains(CLOCK.instant().plusSeconds(1));
  }

  @Test
  void signingInWhileTheAccountIsDisabledIsRefusedAndNotRemembered() {
    Account ada = accounts.create("ada", "Ada", false, "correct horse");
    repository.afterByName.set(() -> accounts.setDisabled(ada.id(), true));

    assertThat(accounts.authenticate("ada", "correct horse")).isEmpty();

    assertThat(accounts.byId(ada.id())).map(Account::disabled).contains(true);
  }

  @Test
  void anAccountSeenLongAgoIsReadAgainBeforeItServes() {
    AccountConfig config = config(Duration.ofSeconds(10), true, 1_000);
    AtomicLong nanos = new AtomicLong();
    // The background never comes to it.
    AccountCache cache = new AccountCache(repository, config, task -> {}, nanos::get);
    Account ada = accounts.create("ada", "Ada", false, null);
    assertThat(cache.byId(ada.id())).contains(ada);
    repository.setDisabled(ada.id(), true);
    nanos.addAndGet(Duration.ofHours(1).toNanos());

    repository.away = true;
    assertThat(cache.byId(ada.id())).contains(ada);
    repository.away = false;
    nanos.addAndGet(Duration.ofHours(1).toNanos());
    assertThat(cache.byId(ada.id())).map(Account::disabled).contains(true);
  }

  @Test
  void aNameNeverMeansWhoHasTheIdOfALostAccount() {
    AtomicLong nanos = new AtomicLong();
    AccountCache cache =
        new AccountCache(
            repository, config(Duration.ofSeconds(10), true, 1_000), task -> {}, nanos::get);
    Account lost = accounts.create("ada", "Ada", false, null);
    assertThat(cache.byName("ada")).contains(lost);
    Account grace = new Account(lost.id(), "grace", "Grace", true, false, CLOCK.instant());
    repository.becomes(grace);

    assertThat(cache.byName("grace")).contains(grace);
    assertThat(cache.byId(lost.id())).contains(grace);
    assertThat(cache.byName("ada")).isEmpty();

    nanos.addAndGet(Duration.ofHours(1).toNanos());
    assertThat(cache.byName("ada")).isEmpty();
    assertThat(cache.byName("grace")).contains(grace);
  }

  @Test
  void aLostAccountIsForgottenWithItsHistory() {
    List<UpdateListener> listeners = new ArrayList<>();
    accounts.follow(
        new UpdateStream() {
          @Override
          public long subscribe(UpdateListener listener) {
            listeners.add(listener);
            return 0;
          }

          @Override
          public long appliedRevision() {
            return 0;
          }

          @Override
          public long lagMillis() {
            return 0;
          }
        });
    Account lost = accounts.create("ada", "Ada", false, null);
    Account grace = new Account(lost.id(), "grace", "Grace", false, false, CLOCK.instant());
    repository.becomes(grace);
    assertThat(accounts.byId(lost.id())).contains(lost);

    listeners.forEach(listener -> listener.onAnotherHistory(3));

    assertThat(accounts.byId(lost.id())).contains(grace);
    assertThat(accounts.byName("ada")).isEmpty();
    assertThat(accounts.byName("grace")).contains(grace);
  }

  @Test
  void cachedAccountIsReadOnce() {
    Account ada = accounts.create("ada", "Ada", false, null);
    int before = repository.reads.get();
    for (int i = 0; i < 100; i++) {
      accounts.byId(ada.id());
    }
    assertThat(repository.reads.get()).isEqualTo(before);
  }

  @Test
  void subjectOfAnotherRealmGetsOneAccount() {
    Account first = accounts.ofSubject("Grace@example.org", "Grace\u0007 Hopper", true);
    Account second = accounts.ofSubject("grace@example.org", "Somebody", false);

    assertThat(second).isEqualTo(first);
    assertThat(first.displayName()).isEqualTo("Grace Hopper");
  }

  @Test
  void subjectOfAnotherRealmIsRefusedWhenAccountsAreMadeByHand() {
    Accounts strict = accounts(config(Duration.ofMinutes(1), false, 1_000));

    assertCode(() -> strict.ofSubject("grace", "Grace", false), ErrorCode.TOKEN_REJECTED);
  }

  @Test
  void listIsReadPageByPage() {
    for (String name : List.of("ab", "aa", "ad", "b", "ac")) {
      accounts.create(name, "Name", false, null);
    }

    Page<Account> first = accounts.search("A", null, 3);
    Page<Account> second = accounts.search("A", first.next(), 3);

    assertThat(first.items()).extracting(Account::name).containsExactly("aa", "ab", "ac");
    assertThat(second.items()).extracting(Account::name).containsExactly("ad");
    assertThat(second.next()).isNull();
  }

  @Test
  void foreignCursorIsRefused() {
    for (String cursor : List.of("x", "%%%", "YTo", "Yjph", "", "YTo8Pg")) {
      assertCode(() -> accounts.search("", cursor, 3), ErrorCode.INVALID_CURSOR);
    }
  }

  @Test
  void firstAdministratorIsMadeOnlyWhileThereIsNone() {
    AccountConfig config =
        new AccountConfig(
            1_000, 8, "root", "secret secret", true, 1_000, Duration.ofMinutes(1), false);

    AdminBootstrap.run(config, repository, accounts);
    AdminBootstrap.run(config, repository, accounts);

    assertThat(accounts.authenticate("root", "secret secret")).map(Account::admin).contains(true);
    assertThat(config.toString()).doesNotContain("secret");
  }

  private Accounts accounts(AccountConfig config) {
    return new Accounts(
        repository,
        new AccountCache(repository, config, Runnable::run),
        new PasswordHasher(config.hashIterations()),
        config,
        CLOCK);
  }

  private static AccountConfig config(Duration refresh, boolean createExternal, int iterations) {
    return new AccountConfig(iterations, 8, "", "", createExternal, 1_000, refresh, false);
  }

  private static void assertCode(ThrowingCallable call, ErrorCode code) {
    assertThatExceptionOfType(ServiceException.class)
        .isThrownBy(call)
        .extracting(ServiceException::code)
        .isEqualTo(code);
  }
}
