package org.plenum.web.edge;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * An address, or all that begin as it does. Immutable.
 *
 * @param prefix bits that are the same
 */
record Network(InetAddress address, int prefix) {
  /** Nothing else is parsed: a name would be looked up. */
  private static final Pattern LITERAL =
      Pattern.compile("[0-9]{1,3}(\\.[0-9]{1,3}){3}|[0-9a-fA-F:.]*:[0-9a-fA-F:.]*");

  private static final int LONGEST = 45;

  /**
   * Reads {@code 10.0.0.1}, {@code 10.0.0.0/24} or the like of IPv6.
   *
   * @throws IllegalArgumentException for anything else
   */
  static Network of(String text) {
    int slash = text.indexOf('/');
    String literal = slash < 0 ? text : text.substring(0, slash);
    InetAddress address =
        parse(literal)
            .orElseThrow(() -> new IllegalArgumentException("no address: '" + text + "'"));
    int bits = address.getAddress().length * Byte.SIZE;
    int prefix = slash < 0 ? bits : Integer.parseInt(text.substring(slash + 1));
    if (prefix < 0 || prefix > bits) {
      throw new IllegalArgumentException("no network: '" + text + "'");
    }
    return new Network(address, prefix);
  }

  /** The address that is written so; empty for what is none. Asks no name server. */
  static Optional<InetAddress> parse(String text) {
    if (text.length() > LONGEST || !LITERAL.matcher(text).matches()) {
      return Optional.empty();
    }
    try {
      return Optional.of(InetAddress.getByName(text));
    } catch (UnknownHostException e) {
      return Optional.empty();
    }
  }

  /** Whether the address is in it. */
  boolean contains(InetAddress other) {
    byte[] ours = address.getAddress();
    byte[] theirs = other.getAddress();
    if (ours.length != theirs.length) {
      return false;
    }
    for (int bit = 0; bit < prefix; bit++) {
      int mask = 0x80 >> (bit % Byte.SIZE);
      if ((ours[bit / Byte.SIZE] & mask) != (theirs[bit / Byte.SIZE] & mask)) {
        return false;
      }
    }
    return true;
  }
}
