package org.plenum.web.auth;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.eclipse.microprofile.config.Config;
import org.plenum.platform.ErrorCode;
import org.plenum.platform.ServiceException;
import org.plenum.platform.config.ConfigKey;
import org.plenum.platform.config.DataFolder;

/**
 * How tokens are verified and issued. With a public key location configured the realm is external:
 * the issuer and an audience must then be pinned too. Without one the embedded local realm signs.
 *
 * @param keyLocation URL of a PEM text or a JWK set; empty for the local realm
 * @param algorithm the one accepted signature algorithm, RS256 or ES256
 * @param keyFile where the local realm keeps its signing key
 */
public record AuthConfig(
    String issuer,
    Set<String> audiences,
    String keyLocation,
    String algorithm,
    Duration clockSkew,
    Duration keyRefresh,
    Duration keyTimeout,
    Duration tokenLifetime,
    Duration sessionMax,
    int tokenCacheSize,
    String adminGroup,
    Path keyFile) {
  private static final String LOCAL_ISSUER = "urn:plenum:local";
  private static final String LOCAL_AUDIENCE = "plenum";

  /** Standard key: the accepted issuer. */
  public static final ConfigKey<String> ISSUER =
      ConfigKey.text(
          "mp.jwt.verify.issuer",
          "",
          "The only accepted token issuer; required for an external realm, 'urn:plenum:local' for"
              + " the embedded one.");

  /** Standard key: accepted audiences. */
  public static final ConfigKey<List<String>> AUDIENCES =
      ConfigKey.list(
          "mp.jwt.verify.audiences",
          "",
          "Audiences of which a token must carry at least one; required for an external realm,"
              + " 'plenum' for the embedded one.");

  /** Standard key: where the verification key is. */
  public static final ConfigKey<String> KEY_LOCATION =
      ConfigKey.text(
          "mp.jwt.verify.publickey.location",
          "",
          "file:, http: or https: URL of the issuer's public key (PEM) or JWK set; empty selects the"
              + " embedded realm.");

  /** Standard key: the signature algorithm. */
  public static final ConfigKey<String> ALGORITHM =
      ConfigKey.text(
          "mp.jwt.verify.publickey.algorithm",
          "RS256",
          "The one accepted signature algorithm of an external realm: RS256 or ES256.");

  /** Standard key: tolerance for clocks that differ. */
  public static final ConfigKey<Integer> CLOCK_SKEW =
      ConfigKey.integer(
          "mp.jwt.verify.clock.skew",
          30,
          0,
          300,
          "Seconds by which the issuer's clock may differ from ours.");

  /** How long fetched keys are used. */
  public static final ConfigKey<Duration> KEY_REFRESH =
      ConfigKey.duration(
          "plenum.auth.key-refresh",
          "10m",
          "Age at which the key set of an external realm is fetched again; an unknown key id fetches"
              + " it earlier, at most twice in 30 s.");

  /** How long a fetch of keys may take. */
  public static final ConfigKey<Duration> KEY_TIMEOUT =
      ConfigKey.duration(
          "plenum.auth.key-timeout",
          "2s",
          "Time to connect to and to read from the key location, each.");

  /** Lifetime of local tokens. */
  public static final ConfigKey<Duration> TOKEN_LIFETIME =
      ConfigKey.duration(
          "plenum.auth.token-lifetime", "8h", "Lifetime of tokens that the embedded realm issues.");

  /** Bound of refreshes. */
  public static final ConfigKey<Duration> SESSION_MAX =
      ConfigKey.duration(
          "plenum.auth.session-max",
          "12h",
          "Time since the password was given, after which a token of the embedded realm is refreshed"
              + " no more and a new sign-in is due.");

  /** Bound of the cache. */
  public static final ConfigKey<Integer> TOKEN_CACHE_SIZE =
      ConfigKey.integer(
          "plenum.auth.token-cache-size",
          50_000,
          1,
          10_000_000,
          "Number of verified tokens remembered, by hash, until they expire.");

  /** Where the signing key is. */
  public static final ConfigKey<String> SIGNING_KEY_FILE =
      ConfigKey.text(
          "plenum.auth.signing-key-file",
          "",
          "File with the key that signs the embedded realm's tokens, the same on every node of a cluster; made when"
              + " it is not there. By default keys/token-signing.jwk in plenum.data.dir.");

  /** Group of administrators. */
  public static final ConfigKey<String> ADMIN_GROUP =
      ConfigKey.text(
          "plenum.auth.admin-group",
          "plenum-admin",
          "Value of the 'groups' claim that makes the bearer of an external realm's token a platform"
              + " administrator; what is stored with the account does not count there.");

  /** The keys of this feature. */
  public static final List<ConfigKey<?>> KEYS =
      List.of(
          ISSUER,
          AUDIENCES,
          KEY_LOCATION,
          ALGORITHM,
          CLOCK_SKEW,
          KEY_REFRESH,
          KEY_TIMEOUT,
          TOKEN_LIFETIME,
          SESSION_MAX,
          TOKEN_CACHE_SIZE,
          SIGNING_KEY_FILE,
          ADMIN_GROUP);

  public AuthConfig {
    audiences = Set.copyOf(audiences);
  }

  /**
   * Reads the configuration.
   *
   * @throws ServiceException INVALID_VALUE when a value cannot be used or a pin is missing
   */
  public static AuthConfig from(Config config) {
    String location = KEY_LOCATION.from(config).strip();
    String issuer = ISSUER.from(config).strip();
    Set<String> audiences = Set.copyOf(AUDIENCES.from(config));
    String algorithm = ALGORITHM.from(config).strip();
    if (location.isEmpty()) {
      issuer = issuer.isEmpty() ? LOCAL_ISSUER : issuer;
      audiences = audiences.isEmpty() ? Set.of(LOCAL_AUDIENCE) : audiences;
      algorithm = "ES256";
    } else {
      require(!issuer.isEmpty(), ISSUER, "is required when " + KEY_LOCATION.name() + " is set");
      require(
          !audiences.isEmpty(), AUDIENCES, "is required when " + KEY_LOCATION.name() + " is set");
      require(
          algorithm.equals("RS256") || algorithm.equals("ES256"),
          ALGORITHM,
          "must be RS256 or ES256");
    }
    return new AuthConfig(
        issuer,
        audiences,
        location,
        algorithm,
        Duration.ofSeconds(CLOCK_SKEW.from(config)),
        KEY_REFRESH.from(config),
        KEY_TIMEOUT.from(config),
        TOKEN_LIFETIME.from(config),
        SESSION_MAX.from(config),
        TOKEN_CACHE_SIZE.from(config),
        ADMIN_GROUP.from(config).strip(),
        signingKey(config));
  }

  private static Path signingKey(Config config) {
    String file = SIGNING_KEY_FILE.from(config).strip();
    return file.isEmpty()
        ? DataFolder.of(config).resolve("keys").resolve("token-signing.jwk")
        : Path.of(file);
  }

  /** Whether tokens come from elsewhere; there is then no sign-in with a password. */
  public boolean external() {
    return !keyLocation.isEmpty();
  }

  private static void require(boolean condition, ConfigKey<?> key, String what) {
    if (!condition) {
      throw new ServiceException(
          ErrorCode.INVALID_VALUE, "configuration key " + key.name() + " " + what);
    }
  }
}
