package org.plenum.platform.config;

import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.eclipse.microprofile.config.Config;
import org.eclipse.microprofile.config.ConfigProvider;
import org.eclipse.microprofile.config.ConfigValue;
import org.eclipse.microprofile.config.spi.ConfigSource;
import org.eclipse.microprofile.config.spi.Converter;

/**
 * Configuration as it was when each key was first asked for; the check at deployment asks for all.
 * Payara forgets a value after a minute and looks for it anew, also in a map on the data grid
 * (source {@code cluster}), and that waits for as long as a node's host is cut off. Nothing that a
 * request needs may wait for that. What is to be taken up while the node runs is read from {@link
 * ConfigProvider}, on a thread of its own. Thread-safe.
 */
public final class KnownConfig implements Config {
  private final Config source;
  private final Map<String, Optional<String>> known = new ConcurrentHashMap<>();

  KnownConfig(Config source) {
    this.source = source;
  }

  /** That of the server. */
  public static Config get() {
    return Server.CONFIG;
  }

  /** Known by name for texts, which is what {@link ConfigKey} asks for. */
  @Override
  public <T> Optional<T> getOptionalValue(String propertyName, Class<T> propertyType) {
    if (propertyType != String.class) {
      return source.getOptionalValue(propertyName, propertyType);
    }
    Optional<String> value = known.get(propertyName);
    if (value == null) {
      // Not computeIfAbsent: one key that waits for the grid must not hold up others.
      value = source.getOptionalValue(propertyName, String.class);
      Optional<String> first = known.putIfAbsent(propertyName, value);
      value = first == null ? value : first;
    }
    return value.map(propertyType::cast);
  }

  @Override
  public <T> T getValue(String propertyName, Class<T> propertyType) {
    return source.getValue(propertyName, propertyType);
  }

  @Override
  public ConfigValue getConfigValue(String propertyName) {
    return source.getConfigValue(propertyName);
  }

  @Override
  public Iterable<String> getPropertyNames() {
    return source.getPropertyNames();
  }

  @Override
  public Iterable<ConfigSource> getConfigSources() {
    return source.getConfigSources();
  }

  @Override
  public <T> Optional<Converter<T>> getConverter(Class<T> forType) {
    return source.getConverter(forType);
  }

  @Override
  public <T> T unwrap(Class<T> type) {
    return source.unwrap(type);
  }

  private static final class Server {
    private static final KnownConfig CONFIG = new KnownConfig(ConfigProvider.getConfig());
  }
}
