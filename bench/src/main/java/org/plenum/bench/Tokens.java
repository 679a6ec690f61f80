package org.plenum.bench;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.time.Instant;
import java.util.Base64;
import java.util.Map;

/**
 * An external realm in a class: signs JSON Web Tokens with a key of its own, which the server is
 * told to trust. So thousands of people sign in without as many password hashes. Thread-safe.
 */
final class Tokens {
  private static final String ISSUER = "urn:plenum:bench";
  private static final String AUDIENCE = "plenum-bench";
  private static final Base64.Encoder BASE64 = Base64.getUrlEncoder().withoutPadding();

  private final KeyPair keys;
  private final Path publicKey;

  /** Makes a key pair and writes the public half to a file in this folder. */
  Tokens(Path folder) throws IOException {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
      generator.initialize(2048);
      this.keys = generator.generateKeyPair();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
    this.publicKey = Files.createDirectories(folder).resolve("realm.pem").toAbsolutePath();
    Files.writeString(
        publicKey,
        "-----BEGIN PUBLIC KEY-----\n"
            + Base64.getMimeEncoder(64, "\n".getBytes(US_ASCII))
                .encodeToString(keys.getPublic().getEncoded())
            + "\n-----END PUBLIC KEY-----\n");
  }

  /** The server's configuration that makes it trust these tokens. */
  Map<String, String> trust() {
    return Map.of(
        "mp.jwt.verify.issuer",
        ISSUER,
        "mp.jwt.verify.audiences",
        AUDIENCE,
        "mp.jwt.verify.publickey.location",
        publicKey.toUri().toString(),
        "mp.jwt.verify.publickey.algorithm",
        "RS256");
  }

  /** A token of this person, valid for twelve hours. */
  String of(String name) {
    long now = Instant.now().getEpochSecond();
    String claims =
        """
        {"iss":"%s","aud":"%s","sub":"%s","upn":"%s","groups":[],"iat":%d,"exp":%d,"jti":"%s"}"""
            .formatted(ISSUER, AUDIENCE, name, name, now, now + 12 * 3600, name);
    String head = part("{\"alg\":\"RS256\",\"typ\":\"JWT\"}") + "." + part(claims);
    try {
      Signature signature = Signature.getInstance("SHA256withRSA");
      signature.initSign(keys.getPrivate());
      signature.update(head.getBytes(US_ASCII));
      return head + "." + BASE64.encodeToString(signature.sign());
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private static String part(String json) {
    return BASE64.encodeToString(json.getBytes(UTF_8));
  }
}
