package org.plenum.backup;

import jakarta.annotation.PostConstruct;
import jakarta.ejb.DependsOn;
import jakarta.ejb.Singleton;
import jakarta.ejb.Startup;
import jakarta.ejb.TransactionManagement;
import jakarta.ejb.TransactionManagementType;
import jakarta.inject.Inject;

/**
 * Starts to look for requests of the command line with the application, after the schema. Not after
 * the journal of reports: the server takes this for a circle; a copy is refused until it is open.
 */
@Singleton
@Startup
@DependsOn("SchemaMigration")
@TransactionManagement(TransactionManagementType.BEAN)
public class BackupStartup {
  @Inject private BackupNode backups;

  @PostConstruct
  void start() {
    backups.ready();
  }
}
