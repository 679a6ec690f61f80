package org.plenum.web.page;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.graalvm.polyglot.Context;
import org.graalvm.polyglot.Source;
import org.graalvm.polyglot.Value;
import org.graalvm.polyglot.io.IOAccess;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * Runs the unit tests of the page's pure modules (src/test/page) in a JavaScript engine for the
 * JVM.
 */
class PageModulesTest {
  private static final Context ENGINE =
      Context.newBuilder("js")
          .allowIO(IOAccess.ALL)
          .option("js.esm-eval-returns-exports", "true")
          .option("engine.WarnInterpreterOnly", "false")
          .build();

  @AfterAll
  static void close() {
    ENGINE.close();
  }

  @TestFactory
  Stream<DynamicTest> streamAndTimeline() throws IOException {
    return tests("reducer.test.js");
  }

  @TestFactory
  Stream<DynamicTest> unsentMessages() throws IOException {
    return tests("outbox.test.js");
  }

  @TestFactory
  Stream<DynamicTest> reports() throws IOException {
    return tests("reports.test.js");
  }

  @TestFactory
  Stream<DynamicTest> cluster() throws IOException {
    return tests("cluster.test.js");
  }

  @TestFactory
  Stream<DynamicTest> textAndPermissions() throws IOException {
    return tests("text.test.js");
  }

  private static Stream<DynamicTest> tests(String file) throws IOException {
    Source source =
        Source.newBuilder("js", Path.of("src/test/page", file).toAbsolutePath().toFile())
            .mimeType("application/javascript+module")
            .build();
    Value tests = ENGINE.eval(source).getMember("tests");
    List<DynamicTest> found = new ArrayList<>();
    for (String name : tests.getMemberKeys()) {
      found.add(DynamicTest.dynamicTest(name, () -> tests.getMember(name).executeVoid()));
    }
    assertThat(found).as(file).isNotEmpty();
    return found.stream();
  }
}
