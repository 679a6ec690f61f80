package org.plenum.web.api;

import static org.assertj.core.api.Assertions.assertThat;

import jakarta.ws.rs.HttpMethod;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.junit.jupiter.api.Test;
import org.plenum.platform.ErrorCode;
import org.plenum.web.about.AboutResource;

/** Every operation of the API says what it does and how it fails. */
class OperationsTest {
  private static final List<String> NEVER_REFUSED = List.of("about", "openapi", "me");

  private final List<Method> operations = operations();

  @Test
  void eachHasASummary() {
    assertThat(operations).hasSizeGreaterThan(40);
    assertThat(operations)
        .allSatisfy(
            method -> {
              Operation operation = method.getAnnotation(Operation.class);
              assertThat(operation).as("%s", method).isNotNull();
              assertThat(operation.summary()).as("%s", method).isNotBlank();
            });
  }

  @Test
  void eachNamesItsProblemsByTheirCodes() {
    for (Method method : operations) {
      if (NEVER_REFUSED.contains(method.getName())
          && (method.getDeclaringClass() == AboutResource.class || method.getName().equals("me"))) {
        continue;
      }
      List<String> problems =
          Arrays.stream(method.getAnnotationsByType(APIResponse.class))
              .filter(response -> response.responseCode().equals("default"))
              .map(APIResponse::description)
              .toList();
      assertThat(problems).as("%s", method).hasSize(1);
      assertThat(problems.getFirst()).as("%s", method).startsWith("Problems: ");
      assertThat(problems.getFirst().substring("Problems: ".length()).split(", "))
          .as("%s", method)
          .doesNotHaveDuplicates()
          .allSatisfy(code -> assertThat(ErrorCode.valueOf(code)).isNotNull());
    }
  }

  /** A pattern in a path would stand in the published document as it is. */
  @Test
  void noPathHidesSeveralOperationsBehindAPattern() {
    assertThat(operations)
        .allSatisfy(
            method -> {
              jakarta.ws.rs.Path path = method.getAnnotation(jakarta.ws.rs.Path.class);
              assertThat(path == null ? "" : path.value()).as("%s", method).doesNotContain("|");
            });
  }

  private static List<Method> operations() {
    Path classes = Path.of("target/classes");
    try (Stream<Path> files = Files.walk(classes)) {
      return files
          .filter(file -> file.toString().endsWith("Resource.class"))
          .map(file -> classes.relativize(file).toString())
          .map(name -> name.substring(0, name.length() - ".class".length()).replace('/', '.'))
          .flatMap(name -> Arrays.stream(type(name).getDeclaredMethods()))
          .filter(OperationsTest::served)
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Class<?> type(String name) {
    try {
      return Class.forName(name);
    } catch (ClassNotFoundException e) {
      throw new IllegalStateException(e);
    }
  }

  private static boolean served(Method method) {
    return Arrays.stream(method.getAnnotations())
        .anyMatch(found -> found.annotationType().isAnnotationPresent(HttpMethod.class));
  }
}
