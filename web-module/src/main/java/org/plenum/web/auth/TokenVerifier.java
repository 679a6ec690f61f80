package org.plenum.web.auth;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Expiry;
import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.KeySourceException;
import com.nimbusds.jose.proc.BadJOSEException;
import com.nimbusds.jose.proc.JWSKeySelector;
import com.nimbusds.jose.proc.SecurityContext;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.proc.DefaultJWTClaimsVerifier;
import com.nimbusds.jwt.proc.DefaultJWTProcessor;
import com.nimbusds.jwt.proc.ExpiredJWTException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.text.ParseException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.plenum.account.api.Account;
import org.plenum.account.api.AccountService;
import org.plenum.platform.ErrorCode;
import org.plenum.platform.ServiceException;

/**
 * The one judge of tokens, for REST, the WebSocket handshake and SSE (ADR 3). A token is a
 * MicroProfile JWT signed with the pinned algorithm, of the pinned issuer and audience, and in its
 * time. Verified tokens are remembered by hash until they expire, since a signature check is dear;
 * whether the account still exists under its name, is enabled, and has not revoked the token is
 * asked every time. Thread-safe; may block for the account or for the issuer's keys.
 */
public final class TokenVerifier {
  private static final int MAX_TOKEN_CHARS = 8 * 1024;

  private final AuthConfig config;
  private final AccountService accounts;
  private final Clock clock;
  private final DefaultJWTProcessor<SecurityContext> processor;
  private final Cache<Fingerprint, Verified> verified;

  TokenVerifier(
      AuthConfig config,
      JWSKeySelector<SecurityContext> keys,
      AccountService accounts,
      Clock clock) {
    this.config = config;
    this.accounts = accounts;
    this.clock = clock;
    this.processor = new DefaultJWTProcessor<>();
    processor.setJWSKeySelector(keys);
    processor.setJWTClaimsSetVerifier(claimsVerifier(config, clock));
    this.verified =
        Caffeine.newBuilder()
            .maximumSize(config.tokenCacheSize())
            .expireAfter(
                Expiry.<Fingerprint, Verified>creating(
                    (fingerprint, value) ->
                        Duration.between(clock.instant(), value.expiresAt()).abs()))
            .build();
  }

  /**
   * Who carries this token.
   *
   * @throws ServiceException TOKEN_REJECTED, TOKEN_EXPIRED, ACCOUNT_DISABLED, or READ_UNAVAILABLE
   *     when the account or the issuer's keys cannot be had at this moment
   */
  public Caller verify(String token) {
    if (token.length() > MAX_TOKEN_CHARS) {
      throw rejected("the token is too long", null);
    }
    Fingerprint fingerprint = Fingerprint.of(token);
    Verified known = verified.getIfPresent(fingerprint);
    if (known != null && !clock.instant().isBefore(known.expiresAt())) {
      throw new ServiceException(ErrorCode.TOKEN_EXPIRED, "the token's time is over");
    }
    Account account = known == null ? null : account(known);
    if (known == null || account == null) {
      known = check(token);
      verified.put(fingerprint, known);
      account = account(known);
    }
    if (account == null) {
      throw rejected("the token's account is unknown", null);
    }
    return enabled(account, known);
  }

  /**
   * Whom a verified token means. Only as long as the id is theirs: a database that went back to an
   * earlier history (a replica promoted that had not everything) gives it to somebody else.
   */
  private @Nullable Account account(Verified known) {
    return accounts
        .byId(known.accountId())
        .filter(account -> account.name().equals(known.name()))
        .orElse(null);
  }

  private Verified check(String token) {
    JWTClaimsSet claims = claims(token);
    Instant expiresAt = claims.getExpirationTime().toInstant().plus(config.clockSkew());
    try {
      boolean admin = config.external() && inAdminGroup(claims);
      Account account = account(claims, admin);
      return new Verified(account.id(), account.name(), admin, expiresAt, signedInAt(claims));
    } catch (ParseException e) {
      throw rejected("a claim of the token has the wrong type", e);
    }
  }

  private JWTClaimsSet claims(String token) {
    try {
      return processor.process(token, null);
    } catch (ExpiredJWTException e) {
      throw new ServiceException(ErrorCode.TOKEN_EXPIRED, "the token's time is over", null, e);
    } catch (KeySourceException e) {
      throw keysUnavailable(e);
    } catch (ParseException | BadJOSEException | JOSEException e) {
      throw rejected("the token was not accepted", e);
    }
  }

  private Account account(JWTClaimsSet claims, boolean admin) throws ParseException {
    String name = principal(claims);
    if (config.external()) {
      return accounts.ofSubject(name, displayName(claims, name), admin);
    }
    return accounts
        .byName(name)
        .orElseThrow(() -> rejected("the token's account is unknown", null));
  }

  private boolean inAdminGroup(JWTClaimsSet claims) throws ParseException {
    List<String> groups = claims.getStringListClaim("groups");
    return groups != null && groups.contains(config.adminGroup());
  }

  /** A token without the claim was itself the sign-in. */
  private static Instant signedInAt(JWTClaimsSet claims) throws ParseException {
    Date signedIn = claims.getDateClaim(TokenIssuer.SIGNED_IN_AT);
    return (signedIn == null ? claims.getIssueTime() : signedIn).toInstant();
  }

  /** The principal's name by the rule of MicroProfile JWT: upn, preferred_username, sub. */
  private static String principal(JWTClaimsSet claims) throws ParseException {
    for (String claim : List.of("upn", "preferred_username", "sub")) {
      String name = claims.getStringClaim(claim);
      if (name != null && !name.isBlank()) {
        return name;
      }
    }
    throw rejected("the token names nobody", null);
  }

  private static String displayName(JWTClaimsSet claims, String name) throws ParseException {
    for (String claim : List.of("displayName", "name")) {
      String value = claims.getStringClaim(claim);
      if (value != null && !value.isBlank()) {
        return value;
      }
    }
    return name;
  }

  private Caller enabled(Account account, Verified known) {
    if (account.disabled()) {
      throw new ServiceException(ErrorCode.ACCOUNT_DISABLED, "the account is disabled");
    }
    Account acting = config.external() ? account.withAdmin(known.admin()) : account;
    Caller caller = new Caller(acting, known.expiresAt(), known.signedInAt());
    if (caller.revoked(account)) {
      throw rejected("the token was revoked: the password was changed since", null);
    }
    return caller;
  }

  private static DefaultJWTClaimsVerifier<SecurityContext> claimsVerifier(
      AuthConfig config, Clock clock) {
    JWTClaimsSet exact = new JWTClaimsSet.Builder().issuer(config.issuer()).build();
    DefaultJWTClaimsVerifier<SecurityContext> verifier =
        new DefaultJWTClaimsVerifier<>(
            new HashSet<>(config.audiences()), exact, Set.of("sub", "exp", "iat"), Set.of()) {
          @Override
          protected Date currentTime() {
            return Date.from(clock.instant());
          }
        };
    verifier.setMaxClockSkew(Math.toIntExact(config.clockSkew().toSeconds()));
    return verifier;
  }

  private static ServiceException rejected(String detail, @Nullable Throwable cause) {
    return new ServiceException(ErrorCode.TOKEN_REJECTED, detail, null, cause);
  }

  private static ServiceException keysUnavailable(Throwable cause) {
    return new ServiceException(
        ErrorCode.READ_UNAVAILABLE,
        "the token issuer's keys cannot be fetched",
        Duration.ofSeconds(5),
        cause);
  }

  /** What a token says; admin only counts for an external realm. */
  private record Verified(
      long accountId, String name, boolean admin, Instant expiresAt, Instant signedInAt) {}

  /** SHA-256 of a token: the cache holds no credentials. */
  private record Fingerprint(long first, long second, long third, long fourth) {
    static Fingerprint of(String token) {
      try {
        byte[] hash =
            MessageDigest.getInstance("SHA-256").digest(token.getBytes(StandardCharsets.UTF_8));
        ByteBuffer words = ByteBuffer.wrap(hash);
        return new Fingerprint(words.getLong(), words.getLong(), words.getLong(), words.getLong());
      } catch (NoSuchAlgorithmException e) {
        throw new IllegalStateException("every Java platform has SHA-256", e);
      }
    }
  }
}
