package org.plenum.backup;

import jakarta.annotation.PostConstruct;
import jakarta.ejb.DependsOn;
import jakarta.ejb.Singleton;
import jakarta.ejb.Startup;
import jakarta.ejb.TransactionManagement;
import jakarta.ejb.TransactionManagementType;
import jakarta.inject.Inject;

/**
 * Starts to look for requests of the command line with the application, after the schema and the
 * journal of reports.
 */
@Singleton
@Startup
@DependsOn({"SchemaMigration", "ReportQueueBean"})
@TransactionManagement(TransactionManagementType.BEAN)
public class BackupStartup {
  @Inject private BackupNode backups;

  @PostConstruct
  void start() {
    backups.ready();
  }
}
