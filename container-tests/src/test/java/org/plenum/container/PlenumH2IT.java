package org.plenum.container;

import org.jboss.arquillian.container.test.api.Deployment;
import org.jboss.shrinkwrap.api.spec.EnterpriseArchive;

/** On the embedded default. */
class PlenumH2IT extends PlenumInContainerContract {
  @Deployment
  static EnterpriseArchive deployment() {
    Environment.useH2();
    return Archives.plenumWith(PlenumInContainerContract.class, PlenumH2IT.class);
  }

  @Override
  String product() {
    return "H2";
  }
}
