package org.plenum.web.edge;

import java.util.List;
import org.eclipse.microprofile.config.Config;
import org.plenum.platform.config.ConfigKey;

/**
 * Which other sites may talk to this one.
 *
 * @param allowedOrigins origins of portals whose scripts may call the API and open sockets
 * @param frameAncestors sources that may show the page in a frame
 */
public record EdgeConfig(List<String> allowedOrigins, List<String> frameAncestors) {
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

  /** The keys of this feature. */
  public static final List<ConfigKey<?>> KEYS = List.of(ALLOWED_ORIGINS, FRAME_ANCESTORS);

  public EdgeConfig {
    allowedOrigins = List.copyOf(allowedOrigins);
    frameAncestors = List.copyOf(frameAncestors);
  }

  /** Reads the configuration. */
  public static EdgeConfig from(Config config) {
    return new EdgeConfig(ALLOWED_ORIGINS.from(config), FRAME_ANCESTORS.from(config));
  }
}
