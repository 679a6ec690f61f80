package org.plenum.bench;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.function.Supplier;
import org.plenum.testkit.ClusterServers;
import org.plenum.testkit.PlenumServer;
import org.plenum.testkit.PostgresServer;
import org.plenum.testkit.RestClient;

/**
 * What is put under load: one server, or a cluster behind HAProxy.
 *
 * @param clients makes a client of nobody
 * @param httpPort on loopback
 * @param database where the checker reads what is stored
 */
record Target(Supplier<RestClient> clients, int httpPort, Database database) {
  /** Opens a connection, for the caller to close. */
  @FunctionalInterface
  interface Database {
    Connection connect() throws SQLException;
  }

  static Target of(PlenumServer server, PostgresServer postgres) {
    return new Target(server::anonymous, server.httpPort(), postgres::connect);
  }

  static Target of(ClusterServers cluster) {
    return new Target(cluster::anonymous, cluster.httpPort(), cluster::database);
  }
}
