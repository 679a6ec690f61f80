package org.plenum.platform.config;

import java.util.Map;
import java.util.Set;
import org.eclipse.microprofile.config.spi.ConfigSource;
import org.jspecify.annotations.Nullable;

/**
 * Answers the one question that Payara's tracing asks when an operation of the API is called for
 * the first time since the start: which paths it leaves out. Without an answer above that of the
 * data grid, Payara asks the grid, in the request, under a lock for that operation, and waits for
 * as long as another node's host is cut off (ADR 0057). All paths are left out; a system property
 * or an environment variable of that name comes first and says otherwise. Thread-safe.
 */
public final class TracingConfigSource implements ConfigSource {
  /** Regular expressions of paths, {@code |} between; {@code -} leaves no path out. */
  public static final String SKIP_PATTERN = "mp.opentracing.server.skip-pattern";

  /** Below environment variables (300), above the data grid's map (160). */
  private static final int ORDINAL = 250;

  private static final Map<String, String> VALUES = Map.of(SKIP_PATTERN, ".*");

  @Override
  public Set<String> getPropertyNames() {
    return VALUES.keySet();
  }

  @Override
  public @Nullable String getValue(String propertyName) {
    return VALUES.get(propertyName);
  }

  @Override
  public String getName() {
    return "plenum-tracing";
  }

  @Override
  public int getOrdinal() {
    return ORDINAL;
  }
}
