package org.plenum.web.auth;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSSigner;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Date;
import java.util.List;
import org.plenum.account.api.Account;
import org.plenum.platform.ErrorCode;
import org.plenum.platform.Ids;
import org.plenum.platform.ServiceException;

/** Signs tokens for the embedded realm. Thread-safe. */
public final class TokenIssuer {
  static final String SIGNED_IN_AT = "auth_time";

  private final AuthConfig config;
  private final ECKey key;
  private final JWSSigner signer;
  private final Clock clock;

  TokenIssuer(AuthConfig config, ECKey key, Clock clock) {
    this.config = config;
    this.key = key;
    this.clock = clock;
    try {
      this.signer = new ECDSASigner(key);
    } catch (JOSEException e) {
      throw new IllegalArgumentException("the key cannot sign", e);
    }
  }

  /** A token for this account, in time from now on. */
  public IssuedToken issue(Account account) {
    Instant now = clock.instant();
    // A sign-in in the very second of a revocation comes after it.
    Instant first = account.tokensValidFrom();
    return issue(account, now.isBefore(first) ? first : now);
  }

  /**
   * A token for the bearer of an earlier one, in time until the session ends at the latest.
   *
   * @throws ServiceException TOKEN_EXPIRED when the session is over
   */
  public IssuedToken refresh(Caller caller) {
    if (!clock.instant().isBefore(caller.signedInAt().plus(config.sessionMax()))) {
      throw new ServiceException(ErrorCode.TOKEN_EXPIRED, "the session is over: sign in again");
    }
    return issue(caller.account(), caller.signedInAt());
  }

  private IssuedToken issue(Account account, Instant authenticatedAt) {
    Instant now = clock.instant().truncatedTo(ChronoUnit.SECONDS);
    Instant signedInAt = authenticatedAt.truncatedTo(ChronoUnit.SECONDS);
    Instant lifeEnd = now.plus(config.tokenLifetime());
    Instant sessionEnd = signedInAt.plus(config.sessionMax());
    Instant expiresAt = lifeEnd.isBefore(sessionEnd) ? lifeEnd : sessionEnd;
    JWTClaimsSet claims =
        new JWTClaimsSet.Builder()
            .issuer(config.issuer())
            .audience(List.copyOf(config.audiences()))
            .subject(account.name())
            .claim("upn", account.name())
            .claim("groups", account.admin() ? List.of(config.adminGroup()) : List.of())
            .claim("displayName", account.displayName())
            .claim(SIGNED_IN_AT, signedInAt.getEpochSecond())
            .issueTime(Date.from(now))
            .expirationTime(Date.from(expiresAt))
            .jwtID(Ids.newId(clock).toString())
            .build();
    JWSHeader header =
        new JWSHeader.Builder(JWSAlgorithm.ES256)
            .type(JOSEObjectType.JWT)
            .keyID(key.getKeyID())
            .build();
    SignedJWT token = new SignedJWT(header, claims);
    try {
      token.sign(signer);
    } catch (JOSEException e) {
      throw new IllegalStateException("the token cannot be signed", e);
    }
    return new IssuedToken(token.serialize(), expiresAt);
  }

  /**
   * A fresh token.
   *
   * @param token the compact form
   * @param expiresAt when it ends
   */
  public record IssuedToken(String token, Instant expiresAt) {}
}
