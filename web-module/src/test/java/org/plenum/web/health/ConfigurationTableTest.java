package org.plenum.web.health;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.plenum.platform.config.ConfigCatalog;
import org.plenum.platform.config.ConfigKey;

/**
 * The table in {@code docs/configuration.md} is generated from the keys. With {@code
 * -Dplenum.docs.write=true} this test writes it, otherwise it fails when the table is stale.
 */
class ConfigurationTableTest {
  private static final Path DOCUMENT = Path.of("..", "docs", "configuration.md");
  private static final String BEGIN = "<!-- generated table: begin -->";
  private static final String END = "<!-- generated table: end -->";

  @Test
  void theTableListsEveryKeyAsItIs() throws IOException {
    String document = Files.readString(DOCUMENT);
    int begin = document.indexOf(BEGIN) + BEGIN.length();
    int end = document.indexOf(END);
    String expected = document.substring(0, begin) + "\n" + table() + document.substring(end);
    if (Boolean.getBoolean("plenum.docs.write")) {
      Files.writeString(DOCUMENT, expected);
    }
    assertThat(Files.readString(DOCUMENT))
        .as(
            "docs/configuration.md is stale; write it with"
                + " ./mvnw -pl web-module -am test -Dtest=ConfigurationTableTest"
                + " -Dsurefire.failIfNoSpecifiedTests=false -Dplenum.docs.write=true")
        .isEqualTo(expected);
  }

  @Test
  void everyConfigurationClassIsInTheCatalog() throws IOException {
    List<String> found = new ArrayList<>();
    for (String module : List.of("ejb-module", "web-module")) {
      Path sources = Path.of("..", module, "src", "main", "java");
      try (Stream<Path> files = Files.walk(sources)) {
        for (Path file : files.filter(path -> path.toString().endsWith(".java")).toList()) {
          if (Files.readString(file).contains("List<ConfigKey<?>> KEYS =")) {
            String name = sources.relativize(file).toString().replace('/', '.').replace('\\', '.');
            found.add(name.substring(0, name.length() - ".java".length()));
          }
        }
      }
    }
    assertThat(ConfigCatalog.CLASSES).containsExactlyInAnyOrderElementsOf(found);
  }

  @Test
  void keysAreUniqueWellFormedAndTheirDefaultsAreUsable() {
    List<ConfigKey<?>> keys = keys();
    assertThat(keys.stream().map(ConfigKey::name)).doesNotHaveDuplicates();
    for (ConfigKey<?> key : keys) {
      assertThat(key.name()).matches("(plenum|mp\\.jwt\\.verify)(\\.[a-z0-9]+(-[a-z0-9]+)*)+");
      assertThat(key.doc()).as(key.name()).endsWith(".");
      assertThat(key.parser().apply(key.defaultText())).as(key.name()).isNotNull();
    }
  }

  private static List<ConfigKey<?>> keys() {
    return ConfigCatalog.keys(ConfigurationTableTest.class.getClassLoader());
  }

  private static String table() {
    StringBuilder table =
        new StringBuilder("| Key | Type | Default | Meaning |\n| --- | --- | --- | --- |\n");
    for (ConfigKey<?> key : keys()) {
      table.append(
          String.format(
              Locale.ROOT,
              "| `%s` | %s | %s | %s |%n",
              key.name(),
              key.type(),
              key.defaultText().isEmpty() ? "" : "`" + key.defaultText() + "`",
              key.doc().replace("|", "\\|")));
    }
    return table.toString().replace(System.lineSeparator(), "\n");
  }
}
