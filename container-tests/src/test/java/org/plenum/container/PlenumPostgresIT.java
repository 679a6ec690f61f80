package org.plenum.container;

import org.jboss.arquillian.container.test.api.Deployment;
import org.jboss.shrinkwrap.api.spec.EnterpriseArchive;
import org.junit.jupiter.api.Order;

/** On PostgreSQL 18 with fsync; first, since the domain is made for it. */
@Order(1)
class PlenumPostgresIT extends PlenumInContainerContract {
  @Deployment
  static EnterpriseArchive deployment() {
    Environment.usePostgres();
    return Archives.plenumWith(PlenumInContainerContract.class, PlenumPostgresIT.class);
  }

  @Override
  String product() {
    return "PostgreSQL";
  }
}
