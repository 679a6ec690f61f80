package org.plenum.web.edge;

import java.net.URI;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.plenum.platform.ErrorCode;
import org.plenum.platform.ServiceException;

/**
 * Decides which web pages may talk to this node: our own ones and those of listed portals. Programs
 * send no Origin and are let through; their token decides. Immutable.
 */
public final class OriginPolicy {
  private final Set<String> listed;

  /** Creates a policy that allows these origins besides our own. */
  public OriginPolicy(List<String> allowedOrigins) {
    Set<String> origins = new HashSet<>();
    for (String origin : allowedOrigins) {
      origins.add(normalised(origin));
    }
    this.listed = Set.copyOf(origins);
  }

  /** Whether the origin is one of the listed portals. */
  public boolean listed(String origin) {
    return listed.contains(normalised(origin));
  }

  /**
   * Whether a request may go on.
   *
   * @param origin the Origin header, null when there is none
   * @param host the Host header, by which the client knows us
   */
  public boolean allows(@Nullable String origin, @Nullable String host) {
    return origin == null || sameHost(origin, host) || listed(origin);
  }

  /**
   * Lets the request go on.
   *
   * @throws ServiceException ORIGIN_REJECTED
   */
  public void require(@Nullable String origin, @Nullable String host) {
    if (!allows(origin, host)) {
      throw new ServiceException(ErrorCode.ORIGIN_REJECTED, "this origin is not allowed");
    }
  }

  private static boolean sameHost(String origin, @Nullable String host) {
    if (host == null) {
      return false;
    }
    try {
      URI uri = URI.create(origin);
      String scheme = uri.getScheme();
      if (scheme == null || uri.getHost() == null) {
        return false;
      }
      int defaultPort = "https".equalsIgnoreCase(scheme) ? 443 : 80;
      URI own = URI.create("http://" + host);
      return uri.getHost().equalsIgnoreCase(own.getHost())
          && (uri.getPort() < 0 ? defaultPort : uri.getPort())
              == (own.getPort() < 0 ? defaultPort : own.getPort());
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  private static String normalised(String origin) {
    String text = origin.strip().toLowerCase(Locale.ROOT);
    if (text.startsWith("https://") && text.endsWith(":443")) {
      return text.substring(0, text.length() - 4);
    }
    if (text.startsWith("http://") && text.endsWith(":80")) {
      return text.substring(0, text.length() - 3);
    }
    return text;
  }
}
