package org.plenum.systemtest;

import java.lang.annotation.Annotation;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;
import org.junit.platform.commons.support.AnnotationSupport;

/**
 * Hands out the {@link Installation} that a class asks for by its annotation: started at its first
 * use, shared by all classes of the run that ask for it, stopped at the end.
 */
final class Installations implements ParameterResolver {
  private static final ExtensionContext.Namespace NAMESPACE =
      ExtensionContext.Namespace.create(Installations.class);

  private enum Kind {
    POSTGRES(OnPostgres.class, Installation::onPostgres),
    FAULTY_POSTGRES(OnFaultyPostgres.class, Installation::onPostgres),
    H2(OnH2.class, Installation::onH2);

    private final Class<? extends Annotation> annotation;
    private final Supplier<Installation> start;

    Kind(Class<? extends Annotation> annotation, Supplier<Installation> start) {
      this.annotation = annotation;
      this.start = start;
    }

    static Kind of(Class<?> test) {
      return Stream.of(values())
          .filter(kind -> AnnotationSupport.isAnnotated(test, kind.annotation))
          .findFirst()
          .orElseThrow(() -> new IllegalStateException(test + " asks for no installation"));
    }
  }

  @Override
  public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
    return parameter.getParameter().getType() == Installation.class;
  }

  @Override
  public Installation resolveParameter(ParameterContext parameter, ExtensionContext context) {
    Kind kind = Kind.of(context.getRequiredTestClass());
    return context
        .getRoot()
        .getStore(NAMESPACE)
        .getOrComputeIfAbsent(kind, ignored -> kind.start.get(), Installation.class);
  }
}
