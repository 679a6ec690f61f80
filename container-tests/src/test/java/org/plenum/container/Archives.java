package org.plenum.container;

import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import org.assertj.core.api.Assertions;
import org.awaitility.Awaitility;
import org.hamcrest.Matcher;
import org.jboss.arquillian.container.test.api.Testable;
import org.jboss.shrinkwrap.api.ShrinkWrap;
import org.jboss.shrinkwrap.api.asset.EmptyAsset;
import org.jboss.shrinkwrap.api.asset.StringAsset;
import org.jboss.shrinkwrap.api.importer.ZipImporter;
import org.jboss.shrinkwrap.api.spec.EnterpriseArchive;
import org.jboss.shrinkwrap.api.spec.WebArchive;

/** The archive as it is built, with a second web module that holds tests. */
final class Archives {
  private static final String DESCRIPTOR = "META-INF/application.xml";

  private Archives() {}

  /** The application alone, under that name of the file. */
  static EnterpriseArchive plenum(String file) {
    return ShrinkWrap.create(ZipImporter.class, file)
        .importFrom(Environment.ear().toFile())
        .as(EnterpriseArchive.class);
  }

  /** The application and these tests beside it. */
  static EnterpriseArchive plenumWith(Class<?>... tests) {
    WebArchive web =
        ShrinkWrap.create(WebArchive.class, "tests.war")
            .addClasses(tests)
            .addAsLibraries(jarOf(Assertions.class), jarOf(Awaitility.class), jarOf(Matcher.class))
            .addAsWebInfResource(EmptyAsset.INSTANCE, "beans.xml");
    EnterpriseArchive ear = plenum("plenum.ear");
    String descriptor = text(ear);
    ear.delete(DESCRIPTOR);
    return ear.addAsModule(Testable.archiveToTest(web))
        .setApplicationXML(
            new StringAsset(
                descriptor.replace(
                    "<library-directory>",
                    """
                    <module>
                      <web>
                        <web-uri>tests.war</web-uri>
                        <context-root>/plenum-tests</context-root>
                      </web>
                    </module>
                    <library-directory>""")));
  }

  private static String text(EnterpriseArchive ear) {
    try (InputStream in = ear.get(DESCRIPTOR).getAsset().openStream();
        ByteArrayOutputStream out = new ByteArrayOutputStream()) {
      in.transferTo(out);
      return out.toString(StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static File jarOf(Class<?> type) {
    try {
      return new File(type.getProtectionDomain().getCodeSource().getLocation().toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }
}
