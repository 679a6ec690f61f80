package org.plenum.web.auth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSSigner;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.jose.jwk.gen.OctetSequenceKeyGenerator;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import com.nimbusds.jose.jwk.source.ImmutableJWKSet;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.PlainJWT;
import com.nimbusds.jwt.SignedJWT;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Date;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.plenum.account.api.Account;
import org.plenum.platform.ErrorCode;
import org.plenum.platform.ServiceException;
import org.plenum.web.InMemoryAccounts;
import org.plenum.web.MutableClock;

class TokenVerifierTest {
  private static final String ISSUER = "https://id.example.org/realm";
  private static final ECKey KEY = ecKey("one");
  private static final ECKey FOREIGN_KEY = ecKey("one");

  private final MutableClock clock = new MutableClock(Instant.parse("2026-11-22T20:00:00Z"));
  private final InMemoryAccounts accounts = new InMemoryAccounts();
  private final Account ada = accounts.create("ada", "Ada Lovelace", true, null);
  private final AuthConfig config = config("", "ES256");
  private final TokenVerifier verifier =
      new TokenVerifier(config, VerificationKeys.of("ES256", KEY), accounts, clock);

  @Test
  void ownTokenIsAccepted() {
    TokenIssuer.IssuedToken token = new TokenIssuer(config, KEY, clock).issue(ada);

    Caller caller = verifier.verify(token.token());

    assertThat(caller.account()).isEqualTo(ada);
    assertThat(caller.expiresAt()).isEqualTo(token.expiresAt().plus(config.clockSkew()));
  }

  @Test
  void issuedTokenCarriesTheClaimsOfMicroProfileJwt() throws Exception {
    String token = new TokenIssuer(config, KEY, clock).issue(ada).token();

    JWTClaimsSet claims = SignedJWT.parse(token).getJWTClaimsSet();

    assertThat(claims.getIssuer()).isEqualTo(ISSUER);
    assertThat(claims.getAudience()).containsExactly("plenum");
    assertThat(claims.getSubject()).isEqualTo("ada");
    assertThat(claims.getStringClaim("upn")).isEqualTo("ada");
    assertThat(claims.getStringListClaim("groups")).containsExactly("plenum-admin");
    assertThat(claims.getStringClaim("displayName")).isEqualTo("Ada Lovelace");
    assertThat(claims.getJWTID()).isNotBlank();
  }

  @Test
  void tokenOfAnotherIssuerIsRejected() {
    assertRejected(signed(claims().issuer("https://evil.example.org").build(), KEY));
  }

  @Test
  void tokenForAnotherAudienceIsRejected() {
    assertRejected(signed(claims().audience("payroll").build(), KEY));
  }

  @Test
  void tokenWithoutAudienceIsRejected() {
    assertRejected(signed(claims().audience(List.of()).build(), KEY));
  }

  @Test
  void tokenWithoutExpiryIsRejected() {
    assertRejected(signed(claims().expirationTime(null).build(), KEY));
  }

  @Test
  void tokenNotYetValidIsRejected() {
    Date later = Date.from(clock.instant().plusSeconds(120));
    assertRejected(signed(claims().notBeforeTime(later).build(), KEY));
  }

  @Test
  void tokenSignedWithAForeignKeyOfTheSameIdIsRejected() {
    assertRejected(signed(claims().build(), FOREIGN_KEY));
  }

  @Test
  void unsignedTokenIsRejected() {
    assertRejected(new PlainJWT(claims().build()).serialize());
  }

  @Test
  void tokenWithEmptySignatureIsRejected() {
    String token = signed(claims().build(), KEY);
    assertRejected(token.substring(0, token.lastIndexOf('.') + 1));
  }

  @Test
  void tokenWithAlteredClaimsIsRejected() {
    String[] parts = signed(claims().build(), KEY).split("\\.", -1);
    String forged = claims().subject("root").claim("upn", "root").build().toString();
    assertRejected(parts[0] + "." + base64(forged) + "." + parts[2]);
  }

  @Test
  void publicKeyUsedAsSharedSecretIsRejected() throws Exception {
    RSAKey rsa = new RSAKeyGenerator(2048).keyID("rsa").generate();
    byte[] publicKeyAsSecret = rsa.toRSAPublicKey().getEncoded();
    SignedJWT confused =
        new SignedJWT(
            new JWSHeader.Builder(JWSAlgorithm.HS256).keyID("rsa").build(), claims().build());
    confused.sign(new MACSigner(publicKeyAsSecret));
    TokenVerifier rsaVerifier =
        new TokenVerifier(config("", "RS256"), VerificationKeys.of("RS256", rsa), accounts, clock);

    assertCode(rsaVerifier, confused.serialize(), ErrorCode.TOKEN_REJECTED);
  }

  @Test
  void symmetricKeyInTheKeySetIsNeverUsed() throws Exception {
    var secret = new OctetSequenceKeyGenerator(256).keyID("one").generate();
    SignedJWT token = new SignedJWT(new JWSHeader(JWSAlgorithm.HS256), claims().build());
    token.sign(new MACSigner(secret));
    TokenVerifier mixed =
        new TokenVerifier(
            config,
            new VerificationKeys("ES256", new ImmutableJWKSet<>(new JWKSet(List.of(secret, KEY)))),
            accounts,
            clock);

    assertCode(mixed, token.serialize(), ErrorCode.TOKEN_REJECTED);
  }

  @Test
  void strongerAlgorithmThanThePinnedOneIsRejectedToo() throws Exception {
    RSAKey rsa = new RSAKeyGenerator(2048).generate();
    SignedJWT token = new SignedJWT(new JWSHeader(JWSAlgorithm.RS512), claims().build());
    token.sign(new RSASSASigner(rsa));
    TokenVerifier rsaVerifier =
        new TokenVerifier(config("", "RS256"), VerificationKeys.of("RS256", rsa), accounts, clock);

    assertCode(rsaVerifier, token.serialize(), ErrorCode.TOKEN_REJECTED);
  }

  @Test
  void garbageIsRejected() {
    for (String garbage : List.of("", ".", "..", "a.b.c", "nonsense", "\u0000", "e30.e30.e30")) {
      assertRejected(garbage);
    }
  }

  @Test
  void hugeTokenIsRejectedUnread() {
    assertRejected("a".repeat(100_000));
  }

  @Test
  void expiredTokenIsToldApart() {
    String token = signed(claims().build(), KEY);
    clock.advance(Duration.ofHours(2));

    assertCode(verifier, token, ErrorCode.TOKEN_EXPIRED);
  }

  @Test
  void rememberedTokenExpiresToo() {
    String token = signed(claims().build(), KEY);
    verifier.verify(token);
    clock.advance(Duration.ofHours(2));

    assertCode(verifier, token, ErrorCode.TOKEN_EXPIRED);
  }

  @Test
  void clockSkewIsTolerated() {
    String token = signed(claims().build(), KEY);
    clock.advance(Duration.ofHours(1).plusSeconds(20));

    assertThat(verifier.verify(token).account()).isEqualTo(ada);
  }

  @Test
  void disabledAccountIsRefusedAtOnceAlthoughTheTokenIsRemembered() {
    String token = signed(claims().build(), KEY);
    verifier.verify(token);
    accounts.setDisabled(ada.id(), true);

    assertCode(verifier, token, ErrorCode.ACCOUNT_DISABLED);
  }

  @Test
  void aRememberedTokenOfALostAccountIsNotGoodForWhoHasItsIdSince() {
    String token = signed(claims().build(), KEY);
    assertThat(verifier.verify(token).account()).isEqualTo(ada);

    accounts.put(new Account(ada.id(), "grace", "Grace", true, false, clock.instant()));

    assertRejected(token);
  }

  @Test
  void aRememberedTokenFindsItsAccountUnderAnotherId() {
    String token = signed(claims().build(), KEY);
    verifier.verify(token);
    Account again = new Account(99, "ada", "Ada Lovelace", false, false, clock.instant());

    accounts.put(new Account(ada.id(), "grace", "Grace", true, false, clock.instant()));
    accounts.put(again);

    assertThat(verifier.verify(token).account()).isEqualTo(again);
    assertThat(verifier.verify(token).account()).isEqualTo(again);
  }

  @Test
  void changedPasswordRevokesEarlierTokensAndWhatTheyWereRefreshedTo() {
    TokenIssuer issuer = new TokenIssuer(config, KEY, clock);
    String first = issuer.issue(ada).token();
    clock.advance(Duration.ofMinutes(5));
    String refreshed = issuer.refresh(verifier.verify(first)).token();
    assertThat(verifier.verify(refreshed).account()).isEqualTo(ada);
    clock.advance(Duration.ofMinutes(5));

    accounts.revokeTokens(ada.id(), clock.instant().plusSeconds(1));

    assertRejected(first);
    assertRejected(refreshed);
  }

  @Test
  void signInWithinTheSecondOfTheRevocationHolds() {
    TokenIssuer issuer = new TokenIssuer(config, KEY, clock);
    accounts.revokeTokens(ada.id(), clock.instant().plusSeconds(1));
    Account now = accounts.byId(ada.id()).orElseThrow();

    assertThat(verifier.verify(issuer.issue(now).token()).account()).isEqualTo(now);
  }

  @Test
  void unknownAccountOfTheLocalRealmIsRejected() {
    assertRejected(signed(claims().subject("nobody").claim("upn", "nobody").build(), KEY));
  }

  @Test
  void claimOfTheWrongTypeIsRejected() {
    assertRejected(signed(claims().claim("upn", List.of("ada")).build(), KEY));
  }

  @Test
  void externalSubjectGetsAnAccountWithItsGroups(@TempDir Path folder) throws Exception {
    Path keys = folder.resolve("keys.json");
    Files.writeString(keys, new JWKSet(KEY.toPublicJWK()).toString());
    AuthConfig external = config(keys.toUri().toString(), "ES256");
    TokenVerifier remote =
        new TokenVerifier(external, VerificationKeys.at(external), accounts, clock);
    String token =
        signed(
            claims()
                .claim("upn", "grace")
                .claim("name", "Grace Hopper")
                .claim("groups", List.of("plenum-admin"))
                .build(),
            KEY);

    Account grace = remote.verify(token).account();

    assertThat(grace.displayName()).isEqualTo("Grace Hopper");
    assertThat(grace.admin()).isTrue();
  }

  @Test
  void onlyTheTokenOfAnExternalRealmMakesAnAdministrator(@TempDir Path folder) throws Exception {
    Path keys = folder.resolve("keys.json");
    Files.writeString(keys, new JWKSet(KEY.toPublicJWK()).toString());
    AuthConfig external = config(keys.toUri().toString(), "ES256");
    TokenVerifier remote =
        new TokenVerifier(external, VerificationKeys.at(external), accounts, clock);
    String plain = signed(claims().build(), KEY);
    String admin = signed(claims().claim("groups", List.of("plenum-admin")).build(), KEY);

    assertThat(ada.admin()).isTrue();
    for (int round = 0; round < 2; round++) {
      assertThat(remote.verify(plain).account()).isEqualTo(ada.withAdmin(false));
      assertThat(remote.verify(admin).account()).isEqualTo(ada);
    }
  }

  @Test
  void aTokenIsRefreshedUntilTheSessionEnds() {
    TokenIssuer issuer = new TokenIssuer(config, KEY, clock);
    Instant signedIn = clock.instant();
    TokenIssuer.IssuedToken first = issuer.issue(ada);
    clock.advance(Duration.ofMinutes(50));

    TokenIssuer.IssuedToken second = issuer.refresh(verifier.verify(first.token()));

    Instant end = signedIn.plus(config.sessionMax());
    assertThat(second.expiresAt()).isEqualTo(end);
    assertThat(verifier.verify(second.token()).signedInAt()).isEqualTo(signedIn);
    clock.advance(Duration.between(clock.instant(), end));
    Caller late = verifier.verify(second.token());
    assertThatExceptionOfType(ServiceException.class)
        .isThrownBy(() -> issuer.refresh(late))
        .extracting(ServiceException::code)
        .isEqualTo(ErrorCode.TOKEN_EXPIRED);
  }

  @Test
  void keyInPemFormIsRead(@TempDir Path folder) throws Exception {
    Path pem = folder.resolve("key.pem");
    Files.writeString(
        pem,
        "-----BEGIN PUBLIC KEY-----\n"
            + Base64.getMimeEncoder().encodeToString(KEY.toECPublicKey().getEncoded())
            + "\n-----END PUBLIC KEY-----\n");
    AuthConfig external = config(pem.toUri().toString(), "ES256");
    TokenVerifier remote =
        new TokenVerifier(external, VerificationKeys.at(external), accounts, clock);

    assertThat(remote.verify(signed(claims().build(), KEY)).account().id()).isEqualTo(ada.id());
    assertCode(remote, signed(claims().build(), FOREIGN_KEY), ErrorCode.TOKEN_REJECTED);
  }

  @Test
  void unreachableKeysAreAFaultOfOursNotOfTheToken(@TempDir Path folder) {
    AuthConfig external = config(folder.resolve("missing.json").toUri().toString(), "ES256");
    TokenVerifier remote =
        new TokenVerifier(external, VerificationKeys.at(external), accounts, clock);

    assertCode(remote, signed(claims().build(), KEY), ErrorCode.READ_UNAVAILABLE);
  }

  @Test
  void localKeyIsMadeOnceAndReadableByItsOwnerOnly(@TempDir Path folder) throws Exception {
    Path file = folder.resolve("data").resolve("keys").resolve("token-signing.jwk");

    ECKey first = LocalRealmKey.loadOrCreate(file);
    ECKey second = LocalRealmKey.loadOrCreate(file);

    assertThat(second).isEqualTo(first);
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-------");
    try (var files = Files.list(folder.resolve("data").resolve("keys"))) {
      assertThat(files).containsExactly(file);
    }
  }

  private void assertRejected(String token) {
    assertCode(verifier, token, ErrorCode.TOKEN_REJECTED);
  }

  private static void assertCode(TokenVerifier verifier, String token, ErrorCode code) {
    assertThatExceptionOfType(ServiceException.class)
        .isThrownBy(() -> verifier.verify(token))
        .extracting(ServiceException::code)
        .isEqualTo(code);
  }

  private JWTClaimsSet.Builder claims() {
    return new JWTClaimsSet.Builder()
        .issuer(ISSUER)
        .audience("plenum")
        .subject("ada")
        .claim("upn", "ada")
        .issueTime(Date.from(clock.instant()))
        .expirationTime(Date.from(clock.instant().plus(Duration.ofHours(1))));
  }

  private static String signed(JWTClaimsSet claims, ECKey key) {
    try {
      JWSSigner signer = new ECDSASigner(key);
      SignedJWT token =
          new SignedJWT(
              new JWSHeader.Builder(JWSAlgorithm.ES256).keyID(key.getKeyID()).build(), claims);
      token.sign(signer);
      return token.serialize();
    } catch (JOSEException e) {
      throw new AssertionError(e);
    }
  }

  private static String base64(String text) {
    return Base64.getUrlEncoder()
        .withoutPadding()
        .encodeToString(text.getBytes(StandardCharsets.UTF_8));
  }

  private static ECKey ecKey(String id) {
    try {
      return new ECKeyGenerator(Curve.P_256).keyID(id).generate();
    } catch (JOSEException e) {
      throw new AssertionError(e);
    }
  }

  private static AuthConfig config(String location, String algorithm) {
    return new AuthConfig(
        ISSUER,
        Set.of("plenum"),
        location,
        algorithm,
        Duration.ofSeconds(30),
        Duration.ofMinutes(10),
        Duration.ofSeconds(1),
        Duration.ofHours(1),
        Duration.ofMinutes(90),
        100,
        "plenum-admin",
        Path.of("unused"));
  }
}
