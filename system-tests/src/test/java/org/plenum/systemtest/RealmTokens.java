package org.plenum.systemtest;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.security.AlgorithmParameters;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.ECParameterSpec;
import java.security.spec.ECPrivateKeySpec;
import java.time.Instant;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import org.plenum.testkit.PlenumServer;
import org.plenum.testkit.RestClient;

/** Signs tokens with the key of a server's embedded realm, with claims that it never would. */
final class RealmTokens {
  private static final Base64.Encoder BASE64 = Base64.getUrlEncoder().withoutPadding();

  private final PrivateKey key;
  private final String keyId;

  RealmTokens(PlenumServer server) {
    try {
      JsonNode jwk =
          RestClient.json(
              Files.readString(server.domain().resolve("plenum/keys/token-signing.jwk")));
      AlgorithmParameters curve = AlgorithmParameters.getInstance("EC");
      curve.init(new ECGenParameterSpec("secp256r1"));
      BigInteger secret = new BigInteger(1, Base64.getUrlDecoder().decode(jwk.path("d").asText()));
      key =
          KeyFactory.getInstance("EC")
              .generatePrivate(
                  new ECPrivateKeySpec(secret, curve.getParameterSpec(ECParameterSpec.class)));
      keyId = jwk.path("kid").asText();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  /** The claims of a good token for this account that ends when told. */
  static Map<String, Object> claims(String account, Instant expiresAt) {
    Map<String, Object> claims = new LinkedHashMap<>();
    claims.put("iss", "urn:plenum:local");
    claims.put("aud", "plenum");
    claims.put("sub", account);
    claims.put("upn", account);
    claims.put("iat", Instant.now().minusSeconds(60).getEpochSecond());
    claims.put("exp", expiresAt.getEpochSecond());
    return claims;
  }

  /** A token for this account that ends when told. */
  String expiringAt(String account, Instant expiresAt) {
    return signed(claims(account, expiresAt));
  }

  /** A token with these claims and a good signature. */
  String signed(Map<String, Object> claims) {
    try {
      String content =
          encoded("{\"alg\":\"ES256\",\"typ\":\"JWT\",\"kid\":\"" + keyId + "\"}")
              + "."
              + encoded(RestClient.text(claims));
      Signature signature = Signature.getInstance("SHA256withECDSAinP1363Format");
      signature.initSign(key);
      signature.update(content.getBytes(UTF_8));
      return content + "." + BASE64.encodeToString(signature.sign());
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private static String encoded(String text) {
    return BASE64.encodeToString(text.getBytes(UTF_8));
  }
}
