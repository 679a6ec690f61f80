package org.plenum.platform.health;

import java.util.Map;

/**
 * One thing a node needs to serve requests. Features implement it as application-scoped beans; the
 * readiness check asks all of them, at most once a second. Must be thread-safe and should answer
 * within a second; an exception counts as down.
 */
public interface HealthProbe {
  /** A short name, unique among the probes. */
  String name();

  /** Whether requests can be served as far as this probe sees. */
  boolean up();

  /** What an administrator wants to see beside it. */
  Map<String, String> facts();
}
