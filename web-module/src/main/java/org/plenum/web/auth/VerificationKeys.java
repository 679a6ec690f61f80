package org.plenum.web.auth;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.KeySourceException;
import com.nimbusds.jose.jwk.AsymmetricJWK;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKMatcher;
import com.nimbusds.jose.jwk.JWKSelector;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.KeyType;
import com.nimbusds.jose.jwk.KeyUse;
import com.nimbusds.jose.jwk.source.ImmutableJWKSet;
import com.nimbusds.jose.jwk.source.JWKSource;
import com.nimbusds.jose.jwk.source.JWKSourceBuilder;
import com.nimbusds.jose.proc.JWSKeySelector;
import com.nimbusds.jose.proc.SecurityContext;
import com.nimbusds.jose.util.DefaultResourceRetriever;
import java.net.MalformedURLException;
import java.net.URI;
import java.net.URL;
import java.security.Key;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.plenum.platform.ErrorCode;
import org.plenum.platform.ServiceException;

/**
 * Selects the public keys that may verify a token: only of the pinned algorithm's type, only for
 * signatures, and by key id when the key has one. A symmetric key is never selected. Thread-safe;
 * may block for a fetch of the keys, within the configured timeouts.
 */
final class VerificationKeys implements JWSKeySelector<SecurityContext> {
  private static final int MAX_KEY_SET_BYTES = 256 * 1024;
  private static final long MIN_FETCH_INTERVAL_MILLIS = 30_000;
  private static final long OUTAGE_TOLERANCE_MILLIS = 4 * 60 * 60 * 1000L;

  private final JWSAlgorithm algorithm;
  private final KeyType keyType;
  private final JWKSource<SecurityContext> source;

  VerificationKeys(String algorithm, JWKSource<SecurityContext> source) {
    this.algorithm = JWSAlgorithm.parse(algorithm);
    this.keyType = KeyType.forAlgorithm(this.algorithm);
    this.source = source;
  }

  /** One key at hand. */
  static VerificationKeys of(String algorithm, JWK key) {
    return new VerificationKeys(algorithm, new ImmutableJWKSet<>(new JWKSet(key.toPublicJWK())));
  }

  /** Keys at a URL, cached and refreshed in bounds. */
  static VerificationKeys at(AuthConfig config) {
    int timeout = Math.toIntExact(config.keyTimeout().toMillis());
    DefaultResourceRetriever retriever =
        new DefaultResourceRetriever(timeout, timeout, MAX_KEY_SET_BYTES);
    long refresh = Math.max(config.keyRefresh().toMillis(), MIN_FETCH_INTERVAL_MILLIS + 1);
    JWKSource<SecurityContext> source =
        JWKSourceBuilder.<SecurityContext>create(
                url(config.keyLocation()), new PemAwareRetriever(retriever, config.algorithm()))
            .cache(refresh, 4L * timeout)
            .refreshAheadCache(false)
            .rateLimited(MIN_FETCH_INTERVAL_MILLIS)
            .outageTolerant(OUTAGE_TOLERANCE_MILLIS)
            .build();
    return new VerificationKeys(config.algorithm(), source);
  }

  @Override
  public List<Key> selectJWSKeys(JWSHeader header, @Nullable SecurityContext context)
      throws KeySourceException {
    if (!algorithm.equals(header.getAlgorithm())) {
      return List.of();
    }
    JWKMatcher.Builder matcher =
        new JWKMatcher.Builder()
            .keyType(keyType)
            .keyUses(KeyUse.SIGNATURE, null)
            .algorithms(algorithm, null);
    if (header.getKeyID() != null) {
      matcher.keyIDs(header.getKeyID(), null);
    }
    List<Key> keys = new ArrayList<>();
    for (JWK jwk : source.get(new JWKSelector(matcher.build()), context)) {
      keys.add(publicKey(jwk));
    }
    return keys;
  }

  private static Key publicKey(JWK jwk) throws KeySourceException {
    if (jwk instanceof AsymmetricJWK asymmetric) {
      try {
        return asymmetric.toPublicKey();
      } catch (JOSEException e) {
        throw new KeySourceException("unusable key in the key set", e);
      }
    }
    throw new KeySourceException("a symmetric key cannot verify tokens");
  }

  private static URL url(String location) {
    String text = location.toLowerCase(Locale.ROOT);
    if (text.startsWith("file:") || text.startsWith("http:") || text.startsWith("https:")) {
      try {
        return URI.create(location).toURL();
      } catch (IllegalArgumentException | MalformedURLException e) {
        throw unusable(location, e);
      }
    }
    throw unusable(location, null);
  }

  private static ServiceException unusable(String location, @Nullable Throwable cause) {
    return new ServiceException(
        ErrorCode.INVALID_VALUE,
        "configuration key "
            + AuthConfig.KEY_LOCATION.name()
            + ": '"
            + location
            + "' is no file:, http: or https: URL",
        null,
        cause);
  }
}
