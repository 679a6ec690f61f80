package org.plenum.account;

import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Base64;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;
import org.jspecify.annotations.Nullable;
import org.plenum.platform.ErrorCode;
import org.plenum.platform.ServiceException;

/**
 * Salted password hashes: {@code pbkdf2-sha256$<iterations>$<salt>$<hash>}, so that the cost can
 * grow without a migration. Hashing is dear by design: as many run at once as there are processors,
 * others wait a while and are then refused. Thread-safe.
 */
final class PasswordHasher {
  private static final String ALGORITHM = "pbkdf2-sha256";
  private static final int SALT_BYTES = 16;
  private static final int HASH_BITS = 256;
  private static final long WAIT_MILLIS = 5_000;

  private final SecureRandom random = new SecureRandom();
  private final Semaphore processors =
      new Semaphore(Runtime.getRuntime().availableProcessors(), true);
  private final int iterations;
  private final String nobody;

  PasswordHasher(int iterations) {
    this.iterations = iterations;
    this.nobody = hash("");
  }

  /** A hash under a new salt. */
  String hash(String password) {
    byte[] salt = new byte[SALT_BYTES];
    random.nextBytes(salt);
    return ALGORITHM
        + '$'
        + iterations
        + '$'
        + Base64.getEncoder().encodeToString(salt)
        + '$'
        + Base64.getEncoder().encodeToString(derive(password, salt, iterations));
  }

  /**
   * Whether the password belongs to the hash. Without a hash the answer is false after the same
   * work, so that nobody learns which names exist.
   */
  boolean matches(String password, @Nullable String hash) {
    String[] parts = (hash == null ? nobody : hash).split("\\$", -1);
    if (parts.length != 4 || !parts[0].equals(ALGORITHM)) {
      throw new IllegalStateException("a stored password hash has an unknown form");
    }
    byte[] salt = Base64.getDecoder().decode(parts[2]);
    byte[] expected = Base64.getDecoder().decode(parts[3]);
    boolean equal =
        MessageDigest.isEqual(expected, derive(password, salt, Integer.parseInt(parts[1])));
    return equal && hash != null;
  }

  /** Whether the hash was made with another cost than the configured one. */
  boolean outdated(String hash) {
    return !hash.startsWith(ALGORITHM + '$' + iterations + '$');
  }

  private byte[] derive(String password, byte[] salt, int rounds) {
    enter();
    PBEKeySpec spec = new PBEKeySpec(password.toCharArray(), salt, rounds, HASH_BITS);
    try {
      return SecretKeyFactory.getInstance("PBKDF2WithHmacSHA256").generateSecret(spec).getEncoded();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java platform has PBKDF2WithHmacSHA256", e);
    } finally {
      spec.clearPassword();
      processors.release();
    }
  }

  private void enter() {
    try {
      if (processors.tryAcquire(WAIT_MILLIS, TimeUnit.MILLISECONDS)) {
        return;
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    throw new ServiceException(
        ErrorCode.RATE_LIMITED, "too many sign-ins at once", Duration.ofSeconds(2), null);
  }
}
