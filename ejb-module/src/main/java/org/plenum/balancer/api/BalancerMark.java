package org.plenum.balancer.api;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.Optional;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;
import org.plenum.platform.NodeConfig;

/**
 * The mark by which a node knows a request that came through the balancer of a peer: there the
 * header {@code X-Forwarded-For} is the peer's word and not the client's. It is made of the secret
 * of the nodes and does not tell it; the balancer replaces what a client sends under this name.
 * Immutable and thread-safe.
 */
public final class BalancerMark {
  /** Its request header. */
  public static final String HEADER = "Plenum-Balancer";

  private static final String PURPOSE = "plenum balancer 1";
  private static final String ALGORITHM = "HmacSHA256";

  private final String text;

  private BalancerMark(String text) {
    this.text = text;
  }

  /** The mark of the nodes that share this secret; empty for a node that is alone. */
  public static Optional<BalancerMark> of(NodeConfig node) {
    if (!node.clustered() || node.secret().isEmpty()) {
      return Optional.empty();
    }
    try {
      Mac mac = Mac.getInstance(ALGORITHM);
      mac.init(new SecretKeySpec(node.secret().getBytes(StandardCharsets.UTF_8), ALGORITHM));
      byte[] mark = mac.doFinal(PURPOSE.getBytes(StandardCharsets.UTF_8));
      return Optional.of(new BalancerMark(HexFormat.of().formatHex(mark)));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java platform has " + ALGORITHM, e);
    }
  }

  /** The value of the header. */
  public String text() {
    return text;
  }

  /** Whether that is the mark; takes the same time for each wrong one of its length. */
  public boolean isOn(@Nullable String header) {
    return header != null
        && MessageDigest.isEqual(
            text.getBytes(StandardCharsets.US_ASCII), header.getBytes(StandardCharsets.UTF_8));
  }
}
