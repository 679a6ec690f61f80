package org.plenum.platform;

import jakarta.annotation.PostConstruct;
import jakarta.annotation.Resource;
import jakarta.ejb.DependsOn;
import jakarta.ejb.Singleton;
import jakarta.ejb.Startup;
import jakarta.ejb.TransactionManagement;
import jakarta.ejb.TransactionManagementType;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Locale;
import java.util.logging.Logger;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.output.MigrateResult;

/**
 * Brings the schema to this version before anything else starts. Migrations only expand;
 * contraction follows in a later version, so that two adjacent versions run on one schema.
 */
@Singleton
@Startup
@DependsOn("DeploymentCheck")
@TransactionManagement(TransactionManagementType.BEAN)
public class SchemaMigration {
  private static final Logger LOG = Logger.getLogger(SchemaMigration.class.getName());

  @Resource(lookup = "jdbc/plenum")
  private DataSource dataSource;

  @PostConstruct
  void start() {
    MigrateResult result = migrate(dataSource);
    LOG.info(
        () ->
            "schema is at version "
                + (result.targetSchemaVersion == null
                    ? result.initialSchemaVersion
                    : result.targetSchemaVersion)
                + ", "
                + result.migrationsExecuted
                + " migrations applied");
  }

  /**
   * Migrates a database of a supported product.
   *
   * @throws ServiceException INVALID_VALUE for any other product, READ_UNAVAILABLE when there is no
   *     connection
   */
  public static MigrateResult migrate(DataSource dataSource) {
    return Flyway.configure(SchemaMigration.class.getClassLoader())
        .dataSource(dataSource)
        .locations("classpath:db/migration/" + vendor(dataSource))
        .baselineOnMigrate(false)
        .validateOnMigrate(true)
        .cleanDisabled(true)
        .load()
        .migrate();
  }

  private static String vendor(DataSource dataSource) {
    try (Connection connection = dataSource.getConnection()) {
      String product = connection.getMetaData().getDatabaseProductName().toLowerCase(Locale.ROOT);
      return switch (product) {
        case "h2", "postgresql" -> product;
        default ->
            throw new ServiceException(
                ErrorCode.INVALID_VALUE,
                "jdbc/plenum is a " + product + " database; H2 and PostgreSQL are supported");
      };
    } catch (SQLException e) {
      throw new ServiceException(
          ErrorCode.READ_UNAVAILABLE, "no connection from jdbc/plenum: " + e.getMessage(), null, e);
    }
  }
}
