package org.plenum.account;

import java.nio.charset.StandardCharsets;
import java.text.Normalizer;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.plenum.account.api.Account;
import org.plenum.account.api.AccountService;
import org.plenum.group.api.Page;
import org.plenum.platform.ErrorCode;
import org.plenum.platform.ServiceException;
import org.plenum.update.Update;
import org.plenum.update.UpdateListener;
import org.plenum.update.UpdateStream;

/** The rules of accounts. Thread-safe. */
final class Accounts implements AccountService {
  private static final int MAX_LENGTH = 100;
  private static final int MAX_PASSWORD_LENGTH = 256;
  private static final int MAX_IDS = 1_000;
  private static final int MAX_PAGE = 200;
  private static final Pattern NAME = Pattern.compile("[\\p{L}\\p{M}\\p{N}._@+|:/=-]{1,100}");
  private static final Pattern UNPRINTABLE =
      Pattern.compile("[\\p{Cc}\\p{Cf}\\p{Cs}\\p{Co}\\p{Cn}]");

  private final AccountRepository repository;
  private final AccountCache cache;
  private final PasswordHasher hasher;
  private final AccountConfig config;
  private final Clock clock;

  Accounts(
      AccountRepository repository,
      AccountCache cache,
      PasswordHasher hasher,
      AccountConfig config,
      Clock clock) {
    this.repository = repository;
    this.cache = cache;
    this.hasher = hasher;
    this.config = config;
    this.clock = clock;
  }

  /** From now on nothing is remembered of accounts that the database lost. */
  void follow(UpdateStream stream) {
    var unused =
        stream.subscribe(
            new UpdateListener() {
              @Override
              public void onUpdates(List<Update> updates) {}

              @Override
              public void onAnotherHistory(long revision) {
                cache.clear();
              }
            });
  }

  @Override
  public Optional<Account> byName(String name) {
    String normalised = normalised(name);
    return NAME.matcher(normalised).matches()
        ? reading(() -> cache.byName(normalised))
        : Optional.empty();
  }

  @Override
  public Optional<Account> byId(long id) {
    return reading(() -> cache.byId(id));
  }

  @Override
  public Map<Long, Account> byIds(Collection<Long> ids) {
    if (ids.size() > MAX_IDS) {
      throw invalid("at most " + MAX_IDS + " accounts at once");
    }
    Map<Long, Account> accounts = new HashMap<>();
    List<Long> unknown = new ArrayList<>();
    for (Long id : ids) {
      cache
          .remembered(id)
          .ifPresentOrElse(account -> accounts.put(id, account), () -> unknown.add(id));
    }
    if (unknown.isEmpty()) {
      return accounts;
    }
    for (Account account : reading(() -> repository.byIds(unknown))) {
      cache.putIfAbsent(account);
      accounts.put(account.id(), account);
    }
    return accounts;
  }

  @Override
  public Page<Account> search(String text, @Nullable String cursor, int limit) {
    String prefix = normalised(text);
    int bounded = Math.clamp(limit, 1, MAX_PAGE);
    String after = cursor == null ? "" : nameOf(cursor);
    List<Account> found = reading(() -> repository.search(prefix, after, bounded + 1));
    if (found.size() <= bounded) {
      return new Page<>(found, null);
    }
    List<Account> page = found.subList(0, bounded);
    return new Page<>(page, cursorAfter(page.getLast().name()));
  }

  @Override
  public Account create(String name, String displayName, boolean admin, @Nullable String password) {
    String checkedName = checkedName(name);
    String checkedDisplayName = checkedDisplayName(displayName);
    String hash = password == null ? null : hasher.hash(checkedPassword(checkedName, password));
    Account account =
        repository.insert(checkedName, checkedDisplayName, admin, hash, clock.instant());
    cache.put(account);
    return account;
  }

  @Override
  public Account ofSubject(String subject, String displayName, boolean admin) {
    String name = checkedName(subject);
    Optional<Account> known = byName(name);
    if (known.isPresent()) {
      return known.get();
    }
    if (!config.createExternal()) {
      throw new ServiceException(
          ErrorCode.TOKEN_REJECTED, "there is no account for this token's subject");
    }
    try {
      return create(name, presentable(displayName, name), admin, null);
    } catch (ServiceException e) {
      if (e.code() == ErrorCode.ACCOUNT_NAME_TAKEN) {
        // Two first requests at once: the other one made it.
        return byName(name).orElseThrow(() -> e);
      }
      throw e;
    }
  }

  @Override
  public Optional<Account> authenticate(String name, String password) {
    String normalised = normalised(name);
    Optional<AccountRepository.Stored> stored =
        NAME.matcher(normalised).matches()
            ? reading(() -> repository.byName(normalised))
            : Optional.empty();
    String hash = stored.map(AccountRepository.Stored::passwordHash).orElse(null);
    boolean usable = password.length() <= MAX_PASSWORD_LENGTH;
    if (!hasher.matches(usable ? password : "", hash) || !usable || stored.isEmpty()) {
      return Optional.empty();
    }
    long id = stored.get().account().id();
    if (hash != null && hasher.outdated(hash)) {
      String renewed = hasher.hash(password);
      if (!repository.replacePasswordHash(id, hash, renewed)) {
        return Optional.empty();
      }
      hash = renewed;
    }
    // Hashing takes its time: whoever changed the password or disabled the account meanwhile wins.
    Optional<AccountRepository.Stored> now = reading(() -> repository.byName(normalised));
    reading(() -> cache.readAgain(id));
    return now.filter(each -> stored.get().account().equals(each.account()))
        .filter(new SameHash(hash)::in)
        .map(AccountRepository.Stored::account)
        .filter(account -> !account.disabled());
  }

  private record SameHash(@Nullable String hash) {
    boolean in(AccountRepository.Stored stored) {
      return Objects.equals(hash, stored.passwordHash());
    }
  }

  @Override
  public void setPassword(long id, String password) {
    Account account = byId(id).orElseThrow(Accounts::unknown);
    String hash = hasher.hash(checkedPassword(account.name(), password));
    // Tokens tell the second of their sign-in, so the second of the change counts as before it.
    Instant validFrom = clock.instant().truncatedTo(ChronoUnit.SECONDS).plusSeconds(1);
    cache.put(repository.setPassword(id, hash, validFrom).orElseThrow(Accounts::unknown));
  }

  @Override
  public void refresh(long id) {
    cache.forget(id);
  }

  @Override
  public void setDisabled(long id, boolean disabled) {
    cache.put(repository.setDisabled(id, disabled).orElseThrow(Accounts::unknown));
  }

  private static String checkedName(String name) {
    String normalised = normalised(name);
    if (!NAME.matcher(normalised).matches()) {
      throw invalid("a name has 1 to 100 letters, digits or . _ @ + | : / = -");
    }
    return normalised;
  }

  private static String checkedDisplayName(String displayName) {
    String text = Normalizer.normalize(displayName, Normalizer.Form.NFC).strip();
    if (text.isEmpty() || text.length() > MAX_LENGTH || UNPRINTABLE.matcher(text).find()) {
      throw invalid("a display name has 1 to 100 printable characters");
    }
    return text;
  }

  private String checkedPassword(String name, String password) {
    if (password.codePointCount(0, password.length()) < config.passwordMinLength()
        || password.length() > MAX_PASSWORD_LENGTH) {
      throw invalid(
          "a password has "
              + config.passwordMinLength()
              + " to "
              + MAX_PASSWORD_LENGTH
              + " characters");
    }
    if (password.equalsIgnoreCase(name)) {
      throw invalid("a password is not the name");
    }
    return password;
  }

  /** What another realm calls a person may break our rules; it must not keep the person out. */
  private static String presentable(String displayName, String name) {
    String text = UNPRINTABLE.matcher(displayName).replaceAll("").strip();
    if (text.length() > MAX_LENGTH) {
      text = text.substring(0, MAX_LENGTH).strip();
    }
    return text.isEmpty() ? name : text;
  }

  private static String normalised(String text) {
    return Normalizer.normalize(text, Normalizer.Form.NFC).strip().toLowerCase(Locale.ROOT);
  }

  private static String cursorAfter(String name) {
    return Base64.getUrlEncoder()
        .withoutPadding()
        .encodeToString(("a:" + name).getBytes(StandardCharsets.UTF_8));
  }

  private static String nameOf(String cursor) {
    try {
      String text = new String(Base64.getUrlDecoder().decode(cursor), StandardCharsets.UTF_8);
      if (text.startsWith("a:") && NAME.matcher(text.substring(2)).matches()) {
        return text.substring(2);
      }
    } catch (IllegalArgumentException e) {
      throw new ServiceException(ErrorCode.INVALID_CURSOR, "not a cursor of this list", null, e);
    }
    throw new ServiceException(ErrorCode.INVALID_CURSOR, "not a cursor of this list");
  }

  private static <T> T reading(Supplier<T> read) {
    try {
      return read.get();
    } catch (ServiceException e) {
      throw e;
    } catch (RuntimeException e) {
      throw new ServiceException(
          ErrorCode.READ_UNAVAILABLE,
          "accounts cannot be read at this moment",
          Duration.ofSeconds(2),
          e);
    }
  }

  private static ServiceException invalid(String detail) {
    return new ServiceException(ErrorCode.INVALID_VALUE, detail);
  }

  private static ServiceException unknown() {
    return new ServiceException(ErrorCode.ACCOUNT_NOT_FOUND, "there is no account with this id");
  }
}
