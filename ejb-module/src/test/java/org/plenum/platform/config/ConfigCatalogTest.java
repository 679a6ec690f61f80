package org.plenum.platform.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.eclipse.microprofile.config.Config;
import org.eclipse.microprofile.config.ConfigValue;
import org.eclipse.microprofile.config.spi.ConfigSource;
import org.eclipse.microprofile.config.spi.Converter;
import org.junit.jupiter.api.Test;

class ConfigCatalogTest {
  private static final List<ConfigKey<?>> KEYS =
      List.of(
          ConfigKey.integer("plenum.writer.batch", 512, 1, 4096, "Batch."),
          ConfigKey.duration("plenum.writer.linger", "2ms", "Linger."));

  @Test
  void everyBadValueIsNamed() {
    Config config =
        new MapConfig(Map.of("plenum.writer.batch", "0", "plenum.writer.linger", "soon"));
    assertThat(ConfigCatalog.badValues(config, KEYS))
        .hasSize(2)
        .anySatisfy(text -> assertThat(text).contains("plenum.writer.batch", "from 1 to 4096"))
        .anySatisfy(text -> assertThat(text).contains("plenum.writer.linger", "soon"));
  }

  @Test
  void goodValuesAndForeignNamesAreNoProblem() {
    Config config = new MapConfig(Map.of("plenum.writer.batch", "1", "java.home", "/"));
    assertThat(ConfigCatalog.badValues(config, KEYS)).isEmpty();
    assertThat(ConfigCatalog.unknownNames(config, KEYS)).isEmpty();
  }

  @Test
  void aMisspeltNameIsAnsweredWithTheNearestOne() {
    Config config = new MapConfig(Map.of("plenum.writer.bacth", "1"));
    assertThat(ConfigCatalog.unknownNames(config, KEYS))
        .containsExactly(
            "unknown configuration key plenum.writer.bacth; did you mean plenum.writer.batch?");
  }

  @Test
  void aNameLikeNoOtherIsOnlyNamed() {
    Config config = new MapConfig(Map.of("plenum.something.else", "1"));
    assertThat(ConfigCatalog.unknownNames(config, KEYS))
        .containsExactly("unknown configuration key plenum.something.else");
  }

  @Test
  void theKeysOfThisModuleAreFound() {
    assertThat(ConfigCatalog.keys(ConfigCatalogTest.class.getClassLoader()))
        .extracting(ConfigKey::name)
        .contains("plenum.data.dir", "plenum.writer.batch", "plenum.health.lag");
  }

  private record MapConfig(Map<String, String> values) implements Config {
    @Override
    public <T> T getValue(String name, Class<T> type) {
      return getOptionalValue(name, type).orElseThrow();
    }

    @Override
    public ConfigValue getConfigValue(String name) {
      throw new UnsupportedOperationException();
    }

    @Override
    public <T> Optional<T> getOptionalValue(String name, Class<T> type) {
      return Optional.ofNullable(values.get(name)).map(type::cast);
    }

    @Override
    public Iterable<String> getPropertyNames() {
      return values.keySet();
    }

    @Override
    public Iterable<ConfigSource> getConfigSources() {
      return List.of();
    }

    @Override
    public <T> Optional<Converter<T>> getConverter(Class<T> type) {
      return Optional.empty();
    }

    @Override
    public <T> T unwrap(Class<T> type) {
      throw new IllegalArgumentException();
    }
  }
}
