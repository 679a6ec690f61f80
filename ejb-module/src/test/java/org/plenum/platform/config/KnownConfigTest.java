package org.plenum.platform.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.eclipse.microprofile.config.Config;
import org.eclipse.microprofile.config.ConfigValue;
import org.eclipse.microprofile.config.spi.ConfigSource;
import org.eclipse.microprofile.config.spi.Converter;
import org.junit.jupiter.api.Test;

class KnownConfigTest {
  private static final ConfigKey<String> KEY = ConfigKey.text("plenum.test.key", "default", "");

  private final CountingConfig source = new CountingConfig();
  private final KnownConfig known = new KnownConfig(source);

  @Test
  void aKeyIsReadOnceWhetherItIsSetOrNot() {
    source.values.put("plenum.test.other", "set");
    ConfigKey<String> other = ConfigKey.text("plenum.test.other", "default", "");
    for (int i = 0; i < 3; i++) {
      assertThat(KEY.from(known)).isEqualTo("default");
      assertThat(other.from(known)).isEqualTo("set");
    }
    assertThat(source.reads).isEqualTo(2);
  }

  @Test
  void aKeyKeepsTheValueThatItHadFirst() {
    source.values.put(KEY.name(), "first");
    assertThat(KEY.from(known)).isEqualTo("first");
    source.values.put(KEY.name(), "second");
    assertThat(KEY.from(known)).isEqualTo("first");
  }

  private static final class CountingConfig implements Config {
    private final Map<String, String> values = new HashMap<>();
    private int reads;

    @Override
    public <T> Optional<T> getOptionalValue(String propertyName, Class<T> propertyType) {
      reads++;
      return Optional.ofNullable(values.get(propertyName)).map(propertyType::cast);
    }

    @Override
    public <T> T getValue(String propertyName, Class<T> propertyType) {
      throw new UnsupportedOperationException();
    }

    @Override
    public ConfigValue getConfigValue(String propertyName) {
      throw new UnsupportedOperationException();
    }

    @Override
    public Iterable<String> getPropertyNames() {
      return List.copyOf(values.keySet());
    }

    @Override
    public Iterable<ConfigSource> getConfigSources() {
      return List.of();
    }

    @Override
    public <T> Optional<Converter<T>> getConverter(Class<T> forType) {
      return Optional.empty();
    }

    @Override
    public <T> T unwrap(Class<T> type) {
      throw new UnsupportedOperationException();
    }
  }
}
