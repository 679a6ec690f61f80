package org.plenum.web.page;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * The page works under {@code script-src 'self'; style-src 'self'}: no inline script or style, no
 * import that a browser cannot resolve, and nothing that turns text into markup.
 */
class PageFilesTest {
  private static final Path SOURCES = Path.of("src/main/webapp").toAbsolutePath();
  private static final Path LIBRARY = Path.of("target/page").toAbsolutePath();
  private static final Pattern IMPORT =
      Pattern.compile("(?:from|import)\\s*\\(?\\s*['\"]([^'\"]+)['\"]");
  private static final Pattern REFERENCE = Pattern.compile("(?:src|href)=\"([^\"#]+)\"");

  @Test
  void everyImportIsRelativeAndLeadsToAFileOfThePage() throws IOException {
    Deque<Path> open = new ArrayDeque<>(List.of(SOURCES.resolve("app/main.js")));
    Set<Path> seen = new HashSet<>();
    while (!open.isEmpty()) {
      Path module = open.pop();
      if (!seen.add(module)) {
        continue;
      }
      Matcher imports = IMPORT.matcher(Files.readString(module));
      while (imports.find()) {
        String name = imports.group(1);
        assertThat(name).as("import in %s", module).startsWith(".");
        open.push(resolved(module, name));
      }
    }
    assertThat(seen).hasSizeGreaterThan(20);
  }

  @Test
  void thePageHasNoInlineScriptOrStyle() throws IOException {
    String page = Files.readString(SOURCES.resolve("index.html"));
    assertThat(page).doesNotContain("<style").doesNotContain(" style=").doesNotContain(" on");
    assertThat(Pattern.compile("<script(?![^>]*\\ssrc=)").matcher(page).find()).isFalse();
    Matcher references = REFERENCE.matcher(page);
    List<String> found = new ArrayList<>();
    while (references.find()) {
      found.add(references.group(1));
      assertThat(SOURCES.resolve(references.group(1))).exists();
    }
    assertThat(found).hasSizeGreaterThan(3);
  }

  @Test
  void noModuleTurnsTextIntoMarkupOrCode() throws IOException {
    try (Stream<Path> files = Files.walk(SOURCES)) {
      for (Path file : files.filter(path -> path.toString().endsWith(".js")).toList()) {
        assertThat(Files.readString(file))
            .as(file.toString())
            .doesNotContain("innerHTML")
            .doesNotContain("insertAdjacentHTML")
            .doesNotContain("unsafeHTML")
            .doesNotContain("eval(")
            .doesNotContain(" style=");
      }
    }
  }

  private static Path resolved(Path module, String name) {
    Path target = module.resolveSibling(name).normalize();
    if (!Files.exists(target) && target.startsWith(SOURCES)) {
      target = LIBRARY.resolve(SOURCES.relativize(target));
    }
    assertThat(target).as("%s in %s", name, module).isRegularFile();
    return target;
  }
}
