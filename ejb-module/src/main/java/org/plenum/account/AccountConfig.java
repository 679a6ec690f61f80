package org.plenum.account;

import java.time.Duration;
import java.util.List;
import org.eclipse.microprofile.config.Config;
import org.plenum.platform.config.ConfigKey;

/**
 * Accounts and the embedded realm.
 *
 * @param createExternal whether a subject of an external realm gets an account at first sight
 * @param demo whether demo people and groups are made
 */
public record AccountConfig(
    int hashIterations,
    int passwordMinLength,
    String bootstrapName,
    String bootstrapPassword,
    boolean createExternal,
    int cacheSize,
    Duration cacheRefresh,
    boolean demo) {
  /** Cost of a password guess. */
  public static final ConfigKey<Integer> HASH_ITERATIONS =
      ConfigKey.integer(
          "plenum.accounts.hash-iterations",
          600_000,
          1_000,
          100_000_000,
          "Iterations of PBKDF2-HMAC-SHA256 for new password hashes; old hashes are renewed at the"
              + " next sign-in.");

  /** Password policy. */
  public static final ConfigKey<Integer> PASSWORD_MIN_LENGTH =
      ConfigKey.integer(
          "plenum.accounts.password-min-length",
          8,
          1,
          128,
          "Least number of characters of a new password.");

  /** The first administrator. */
  public static final ConfigKey<String> BOOTSTRAP_NAME =
      ConfigKey.text(
          "plenum.accounts.bootstrap.name",
          "",
          "Name of the platform administrator that is made at start while there is none; empty for"
              + " nobody.");

  /** The first administrator's password. */
  public static final ConfigKey<String> BOOTSTRAP_PASSWORD =
      ConfigKey.text(
          "plenum.accounts.bootstrap.password",
          "",
          "First password of that administrator; change it after the first sign-in and remove the"
              + " key.");

  /** Accounts for external subjects. */
  public static final ConfigKey<Boolean> CREATE_EXTERNAL =
      ConfigKey.flag(
          "plenum.accounts.create-external",
          true,
          "Whether a subject of an external realm gets an account when its first token is seen;"
              + " otherwise an administrator makes it.");

  /** Bound of the cache. */
  public static final ConfigKey<Integer> CACHE_SIZE =
      ConfigKey.integer(
          "plenum.accounts.cache-size",
          100_000,
          100,
          10_000_000,
          "Accounts remembered by a node; they also serve while the database is away.");

  /** Age at which a remembered account is read again. */
  public static final ConfigKey<Duration> CACHE_REFRESH =
      ConfigKey.duration(
          "plenum.accounts.cache-refresh",
          "10s",
          "Age at which a remembered account is read again: how long a change made on another node"
              + " may go unseen.");

  /** Demo people and groups. */
  public static final ConfigKey<Boolean> DEMO =
      ConfigKey.flag(
          "plenum.demo",
          false,
          "Makes demo people with well-known passwords and demo groups at start; never for a real"
              + " deployment.");

  /** The keys of this feature. */
  public static final List<ConfigKey<?>> KEYS =
      List.of(
          HASH_ITERATIONS,
          PASSWORD_MIN_LENGTH,
          BOOTSTRAP_NAME,
          BOOTSTRAP_PASSWORD,
          CREATE_EXTERNAL,
          CACHE_SIZE,
          CACHE_REFRESH,
          DEMO);

  /** Reads the configuration. */
  public static AccountConfig from(Config config) {
    return new AccountConfig(
        HASH_ITERATIONS.from(config),
        PASSWORD_MIN_LENGTH.from(config),
        BOOTSTRAP_NAME.from(config).strip(),
        BOOTSTRAP_PASSWORD.from(config),
        CREATE_EXTERNAL.from(config),
        CACHE_SIZE.from(config),
        CACHE_REFRESH.from(config),
        DEMO.from(config));
  }

  /** Never shows the password. */
  @Override
  public String toString() {
    return "AccountConfig[bootstrapName=" + bootstrapName + ", demo=" + demo + "]";
  }
}
