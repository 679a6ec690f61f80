package org.plenum.web.edge;

import java.util.List;
import org.eclipse.microprofile.config.Config;
import org.plenum.platform.config.ConfigKey;

/**
 * Which other sites may talk to this one.
 *
 * @param allowedOrigins origins of portals whose scripts may call the API and open sockets
 * @param frameAncestors sources that may show the page in a frame
 * @param trustedProxies addresses and networks whose word on their clients' addresses counts
 */
public record EdgeConfig(
    List<String> allowedOrigins, List<String> frameAncestors, List<String> trustedProxies) {
  /** Portals that call us. */
  public static final ConfigKey<List<String>> ALLOWED_ORIGINS =
      ConfigKey.list(
          "plenum.web.allowed-origins",
          "",
          "Origins (scheme://host[:port]) of portals whose pages may use the API and the sockets;"
              + " our own origin always may.");

  /** Portals that frame us. */
  public static final ConfigKey<List<String>> FRAME_ANCESTORS =
      ConfigKey.list(
          "plenum.web.frame-ancestors",
          "'none'",
          "Sources that may embed the page in a frame, as in the Content-Security-Policy directive"
              + " frame-ancestors.");

  /** Load balancers. */
  public static final ConfigKey<List<String>> TRUSTED_PROXIES =
      new ConfigKey<>(
          "plenum.web.trusted-proxies",
          "list",
          "",
          "Addresses and networks (10.0.0.1, 10.0.0.0/24) of load balancers: what they say in X-Forwarded-For is taken"
              + " for the client's address, by which sign-ins are limited. The embedded balancer is trusted without.",
          value -> {
            List<String> networks =
                List.of(value.split(",", -1)).stream()
                    .map(String::strip)
                    .filter(element -> !element.isEmpty())
                    .toList();
            networks.forEach(Network::of);
            return networks;
          });

  /** The keys of this feature. */
  public static final List<ConfigKey<?>> KEYS =
      List.of(ALLOWED_ORIGINS, FRAME_ANCESTORS, TRUSTED_PROXIES);

  public EdgeConfig {
    allowedOrigins = List.copyOf(allowedOrigins);
    frameAncestors = List.copyOf(frameAncestors);
    trustedProxies = List.copyOf(trustedProxies);
  }

  /** Reads the configuration. */
  public static EdgeConfig from(Config config) {
    return new EdgeConfig(
        ALLOWED_ORIGINS.from(config), FRAME_ANCESTORS.from(config), TRUSTED_PROXIES.from(config));
  }
}
