package org.plenum.web.auth;

import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.util.Resource;
import com.nimbusds.jose.util.ResourceRetriever;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.URL;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.cert.CertificateFactory;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.X509EncodedKeySpec;
import java.util.Base64;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Fetches keys; a PEM text (public key or certificate) becomes a JWK set of one key without id.
 * Thread-safe.
 */
final class PemAwareRetriever implements ResourceRetriever {
  private static final Pattern PEM =
      Pattern.compile(
          "-----BEGIN (PUBLIC KEY|CERTIFICATE)-----([A-Za-z0-9+/=\\s]+)-----END \\1-----");

  private final ResourceRetriever retriever;
  private final String algorithm;

  PemAwareRetriever(ResourceRetriever retriever, String algorithm) {
    this.retriever = retriever;
    this.algorithm = algorithm;
  }

  @Override
  public Resource retrieveResource(URL url) throws IOException {
    Resource resource = retriever.retrieveResource(url);
    Matcher pem = PEM.matcher(resource.getContent());
    if (!pem.find()) {
      return resource;
    }
    try {
      byte[] der = Base64.getMimeDecoder().decode(pem.group(2));
      PublicKey key = "CERTIFICATE".equals(pem.group(1)) ? ofCertificate(der) : ofKey(der);
      return new Resource(new JWKSet(jwk(key)).toString(), "application/json");
    } catch (GeneralSecurityException | IllegalArgumentException e) {
      throw new IOException("no usable " + algorithm + " key in the PEM text of " + url, e);
    }
  }

  private PublicKey ofKey(byte[] der) throws GeneralSecurityException {
    String family = algorithm.startsWith("ES") ? "EC" : "RSA";
    return KeyFactory.getInstance(family).generatePublic(new X509EncodedKeySpec(der));
  }

  private static PublicKey ofCertificate(byte[] der) throws GeneralSecurityException {
    return CertificateFactory.getInstance("X.509")
        .generateCertificate(new ByteArrayInputStream(der))
        .getPublicKey();
  }

  private static JWK jwk(PublicKey key) throws GeneralSecurityException {
    return switch (key) {
      case RSAPublicKey rsa -> new RSAKey.Builder(rsa).build();
      case ECPublicKey ec ->
          new ECKey.Builder(Curve.forECParameterSpec(ec.getParams()), ec).build();
      default -> throw new GeneralSecurityException("neither an RSA nor an EC key");
    };
  }
}
