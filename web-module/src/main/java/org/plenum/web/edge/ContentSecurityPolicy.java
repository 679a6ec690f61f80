package org.plenum.web.edge;

import java.util.List;

/** The strict policy of all answers: everything from this origin, nothing inline. */
final class ContentSecurityPolicy {
  private ContentSecurityPolicy() {}

  /** The policy, letting these sources show the page in a frame. */
  static String of(List<String> frameAncestors) {
    return "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none';"
        + " form-action 'self'; frame-ancestors "
        + (frameAncestors.isEmpty() ? "'none'" : String.join(" ", frameAncestors));
  }
}
