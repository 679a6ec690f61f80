package org.plenum.web.auth;

import com.nimbusds.jose.jwk.ECKey;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Clock;
import org.plenum.account.api.AccountService;
import org.plenum.platform.config.KnownConfig;

/** Builds the one verifier and, for the embedded realm, the issuer. */
@ApplicationScoped
public class AuthBeans {
  @Inject AccountService accounts;

  /** The configuration of this feature. */
  @Produces
  @Singleton
  public AuthConfig authConfig() {
    return AuthConfig.from(KnownConfig.get());
  }

  /** The issuer of the embedded realm, with its key loaded. */
  @Produces
  @Singleton
  public LocalRealm localRealm(AuthConfig auth) {
    if (auth.external()) {
      return new LocalRealm(null, null);
    }
    ECKey key = LocalRealmKey.loadOrCreate(auth.keyFile());
    return new LocalRealm(new TokenIssuer(auth, key, Clock.systemUTC()), key);
  }

  /** The verifier. */
  @Produces
  @Singleton
  public TokenVerifier tokenVerifier(AuthConfig auth, LocalRealm realm) {
    ECKey key = realm.key();
    VerificationKeys keys =
        key == null ? VerificationKeys.at(auth) : VerificationKeys.of(auth.algorithm(), key);
    return new TokenVerifier(auth, keys, accounts, Clock.systemUTC());
  }
}
