package org.plenum.reader;

import jakarta.annotation.PostConstruct;
import jakarta.ejb.DependsOn;
import jakarta.ejb.Singleton;
import jakarta.ejb.Startup;
import jakarta.ejb.TransactionManagement;
import jakarta.ejb.TransactionManagementType;
import jakarta.inject.Inject;
import java.util.logging.Logger;

/** Starts the reader with the application, after the schema, so that it serves from the start. */
@Singleton
@Startup
@DependsOn("SchemaMigration")
@TransactionManagement(TransactionManagementType.BEAN)
public class ReaderStartup {
  private static final Logger LOG = Logger.getLogger(ReaderStartup.class.getName());

  @Inject private ReaderNode reader;

  @PostConstruct
  void start() {
    ReaderStatus status = reader.status();
    LOG.info(() -> "the reader starts: " + status);
  }
}
