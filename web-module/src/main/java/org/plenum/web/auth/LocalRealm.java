package org.plenum.web.auth;

import com.nimbusds.jose.jwk.ECKey;
import org.jspecify.annotations.Nullable;

/**
 * The embedded realm; both parts are null when tokens come from elsewhere.
 *
 * @param issuer signs tokens after a sign-in with a password
 * @param key the key pair behind it
 */
public record LocalRealm(@Nullable TokenIssuer issuer, @Nullable ECKey key) {}
