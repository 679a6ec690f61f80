package org.plenum.container;

import org.jboss.arquillian.config.descriptor.api.ArquillianDescriptor;
import org.jboss.arquillian.config.descriptor.api.ContainerDef;
import org.jboss.arquillian.core.api.annotation.Observes;
import org.jboss.arquillian.core.spi.LoadableExtension;
import org.jboss.arquillian.test.spi.event.suite.AfterSuite;
import org.plenum.testkit.PlenumServer;

/**
 * Gives Arquillian a domain of its own, made by {@code domain-config} on free loopback ports, and
 * takes care that its server is gone at the end, whatever happened.
 */
public class PayaraExtension implements LoadableExtension {
  @Override
  public void register(ExtensionBuilder builder) {
    builder.observer(Domain.class);
  }

  /** Comes before the observers that read {@code arquillian.xml}. */
  public static class Domain {
    /** Fills in what only this run knows. */
    public void configure(@Observes(precedence = 100) ArquillianDescriptor descriptor) {
      ContainerDef payara = descriptor.getContainers().getFirst();
      payara.property("payaraHome", Environment.payara().toString());
      payara.property("adminPort", Integer.toString(Environment.server().adminPort()));
      payara.property("adminPassword", PlenumServer.ADMIN_PASSWORD);
    }

    /** Arquillian has stopped the server in order by now; if not, it is killed. */
    public void clear(@Observes(precedence = -100) AfterSuite end) {
      Environment.close();
    }
  }
}
