package org.plenum.web.health;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.lang.reflect.RecordComponent;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.eclipse.microprofile.config.Config;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.plenum.platform.ServiceException;
import org.plenum.platform.config.ConfigCatalog;
import org.plenum.platform.config.ConfigKey;

/**
 * Every typed configuration class of the catalog: its defaults (whose texts are those of {@code
 * docs/configuration.md}), every key, and values out of range. Written once for all, so that a new
 * class or key is tested from its first day.
 */
class ConfigClassesTest {
  /** What must be said before other keys count: tokens of another issuer. */
  private static final Map<String, String> BASE =
      Map.of(
          "mp.jwt.verify.publickey.location", "https://issuer.example/keys",
          "mp.jwt.verify.issuer", "https://issuer.example",
          "mp.jwt.verify.audiences", "plenum",
          "mp.jwt.verify.publickey.algorithm", "RS256");

  static Stream<Class<?>> records() {
    return ConfigCatalog.CLASSES.stream()
        .<Class<?>>map(ConfigClassesTest::load)
        .filter(Class::isRecord);
  }

  private static final String NETWORKS = "plenum.web.trusted-proxies";

  static Stream<ConfigKey<?>> keys() {
    return ConfigCatalog.keys(ConfigClassesTest.class.getClassLoader()).stream();
  }

  @ParameterizedTest
  @MethodSource("records")
  void everyKeyChangesTheOneComponentThatIsItsOwn(Class<?> type) throws Exception {
    Map<String, Object> defaults = values(type, Map.of());
    Map<String, String> ownerOf = new TreeMap<>();
    for (ConfigKey<?> key : keysOf(type)) {
      Map<String, Object> changed = values(type, Map.of(key.name(), another(key)));
      List<String> different =
          defaults.keySet().stream()
              .filter(name -> !defaults.get(name).equals(changed.get(name)))
              .toList();
      assertThat(different).as("components that %s changes", key.name()).hasSize(1);
      assertThat(ownerOf.put(different.getFirst(), key.name()))
          .as("another key of %s", different.getFirst())
          .isNull();
    }
  }

  @ParameterizedTest
  @MethodSource("keys")
  void whatIsConfiguredIsInForceAndTheDefaultOtherwise(ConfigKey<?> key) {
    Object standard = key.from(config(Map.of()));
    assertThat(key.from(config(Map.of(key.name(), key.defaultText())))).isEqualTo(standard);
    assertThat(key.from(config(Map.of(key.name(), another(key))))).isNotEqualTo(standard);
  }

  @ParameterizedTest
  @MethodSource("keys")
  void whatCannotBeUsedIsRefusedWithTheNameOfTheKey(ConfigKey<?> key) {
    for (String bad : badTexts(key)) {
      assertThatThrownBy(() -> key.from(config(Map.of(key.name(), bad))))
          .as("%s = '%s'", key.name(), bad)
          .isInstanceOf(ServiceException.class)
          .hasMessageContaining(key.name())
          .hasMessageContaining("'" + bad + "'");
    }
  }

  private static String another(ConfigKey<?> key) {
    return switch (key.from(config(Map.of()))) {
      case Integer number -> Integer.toString(number < bound(key, 1) ? number + 1 : number - 1);
      case Duration duration -> duration.plusMillis(1).toString();
      case Boolean flag -> Boolean.toString(!flag);
      case List<?> list ->
          key.name().equals(NETWORKS)
              ? "10.9.8.7, 10.9.0.0/16"
              : list.size() < 2 ? "https://other.example" : list.getFirst().toString();
      case Enum<?> one ->
          Stream.of(key.type().split(", ", -1))
              .filter(text -> !text.equals(key.defaultText()))
              .findFirst()
              .orElseThrow();
      case String text -> otherText(text);
      case Object other -> throw new AssertionError("no other value for " + other);
    };
  }

  private static String otherText(String text) {
    return switch (text) {
      case "" -> "https://other.example";
      case "RS256" -> "ES256";
      default -> text + "-other";
    };
  }

  private static List<String> badTexts(ConfigKey<?> key) {
    return switch (key.from(config(Map.of()))) {
      case Integer number ->
          List.of(
              "many",
              "1.5",
              "",
              Long.toString(bound(key, 0) - 1L),
              Long.toString(bound(key, 1) + 1L),
              "99999999999999999999");
      case Duration duration -> List.of("soon", "", "5", "-1s", "0s", "PT0S", "1 fortnight");
      case Boolean flag -> List.of("yes", "", "1", "TRUE");
      case Enum<?> one -> List.of("other", "");
      case List<?> list ->
          key.name().equals(NETWORKS)
              ? List.of("proxy.example", "10.0.0.0/33", "::1/129", "10.0.0.1/")
              : List.of();
      default -> List.of();
    };
  }

  /** Lower (0) or upper (1) bound of a key of type {@code integer a..b}. */
  private static int bound(ConfigKey<?> key, int which) {
    return Integer.parseInt(key.type().substring("integer ".length()).split("\\.\\.")[which]);
  }

  private static List<ConfigKey<?>> keysOf(Class<?> type) throws ReflectiveOperationException {
    List<ConfigKey<?>> keys = new ArrayList<>();
    for (Object key : (List<?>) type.getField("KEYS").get(null)) {
      keys.add((ConfigKey<?>) key);
    }
    return keys;
  }

  private static Map<String, Object> values(Class<?> type, Map<String, String> configured)
      throws ReflectiveOperationException {
    Method from = type.getDeclaredMethod("from", Config.class);
    Map<String, String> all = new TreeMap<>(BASE);
    all.putAll(configured);
    Map<String, Object> values = new TreeMap<>();
    flatten("", from.invoke(null, config(all)), values);
    return values;
  }

  private static void flatten(String prefix, Object part, Map<String, Object> into)
      throws ReflectiveOperationException {
    for (RecordComponent component : part.getClass().getRecordComponents()) {
      Object value = component.getAccessor().invoke(part);
      if (value instanceof Record nested) {
        flatten(prefix + component.getName() + ".", nested, into);
      } else {
        into.put(prefix + component.getName(), value);
      }
    }
  }

  private static Class<?> load(String name) {
    try {
      return Class.forName(name);
    } catch (ClassNotFoundException e) {
      throw new AssertionError(e);
    }
  }

  private static Config config(Map<String, String> values) {
    return (Config)
        Proxy.newProxyInstance(
            ConfigClassesTest.class.getClassLoader(),
            new Class<?>[] {Config.class},
            (proxy, method, arguments) ->
                switch (method.getName()) {
                  case "getOptionalValue" -> Optional.ofNullable(values.get(arguments[0]));
                  case "toString" -> values.toString();
                  default -> throw new UnsupportedOperationException(method.toString());
                });
  }
}
