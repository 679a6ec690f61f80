package org.plenum.systemtest;

import static org.awaitility.Awaitility.await;

import jakarta.jms.ConnectionFactory;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.plenum.testkit.BrokerServer;
import org.plenum.testkit.LegacySystem;
import org.plenum.testkit.PlenumServer;
import org.plenum.testkit.PostgresServer;
import org.plenum.testkit.RestClient;

/** A server with its database, and the demo people signed in. Shared by many tests. */
public final class Installation implements AutoCloseable {
  /**
   * Limits that a busy test stays below and a flood exceeds; hashes that cost little; waits for
   * what is slow, silent or expired, and for a snapshot, that a test can afford.
   */
  private static final Map<String, String> CONFIG =
      Map.ofEntries(
          Map.entry("plenum.limits.writes-per-second", "500"),
          Map.entry("plenum.limits.write-burst", "1000"),
          Map.entry("plenum.limits.reads-per-second", "1000"),
          Map.entry("plenum.limits.read-burst", "2000"),
          Map.entry("plenum.limits.sign-ins-per-minute", "0"),
          Map.entry("plenum.limits.sign-ins-per-minute-and-address", "0"),
          Map.entry("plenum.accounts.hash-iterations", "5000"),
          Map.entry("plenum.push.heartbeat", "2s"),
          Map.entry("plenum.push.hello-timeout", "5s"),
          Map.entry("plenum.push.slow-limit", "8s"),
          Map.entry("plenum.reader.snapshot-interval", "3s"),
          Map.entry("plenum.report.stream.groups", "erp,audit"),
          Map.entry("plenum.report.stream.accounts", "margaret"),
          Map.entry("plenum.report.topic.enabled", "true"),
          Map.entry("mp.jwt.verify.clock.skew", "1"));

  private final PlenumServer server;
  private final Optional<PostgresServer> postgres;

  private Installation(PlenumServer server, Optional<PostgresServer> postgres) {
    this.server = server;
    this.postgres = postgres;
  }

  /** On PostgreSQL with fsync. */
  static Installation onPostgres() {
    PostgresServer postgres = PostgresServer.start(work(), List.of());
    try {
      String url = "jdbc:postgresql://127.0.0.1:%d/plenum".formatted(postgres.port());
      return new Installation(PlenumServer.start(options(Optional.of(url))), Optional.of(postgres));
    } catch (RuntimeException e) {
      postgres.close();
      throw e;
    }
  }

  /** On H2 in the domain's folder. */
  static Installation onH2() {
    return new Installation(PlenumServer.start(options(Optional.empty())), Optional.empty());
  }

  /** On H2, not started yet, for a class that has it for itself and closes it. */
  static Installation stoppedOnH2() {
    return new Installation(PlenumServer.create(options(Optional.empty())), Optional.empty());
  }

  /** As {@link #stoppedOnH2()}, with further configuration. */
  static Installation stoppedOnH2(Map<String, String> further) {
    return stopped(options(Optional.empty()), further);
  }

  /** On somebody else's PostgreSQL, not started yet, for a class that closes both. */
  static Installation stoppedOn(PostgresServer postgres, Map<String, String> further) {
    String url = "jdbc:postgresql://127.0.0.1:%d/plenum".formatted(postgres.port());
    return stopped(options(Optional.of(url)), further);
  }

  private static Installation stopped(PlenumServer.Options usual, Map<String, String> further) {
    Map<String, String> config = new HashMap<>(usual.config());
    config.putAll(further);
    return new Installation(
        PlenumServer.create(
            new PlenumServer.Options(
                usual.payara(),
                usual.project(),
                usual.ear(),
                usual.work(),
                usual.databaseUrl(),
                usual.heap(),
                config,
                usual.jvmOptions())),
        Optional.empty());
  }

  private static PlenumServer.Options options(Optional<String> databaseUrl) {
    return new PlenumServer.Options(
        property("plenum.payara.home", "target/payara7"),
        property("plenum.project", ".."),
        property("plenum.ear", "../ear/target/plenum.ear"),
        work(),
        databaseUrl.orElse(null),
        "1g",
        CONFIG,
        PlenumServer.SHORT_LIVED);
  }

  static Path work() {
    return property("plenum.work", "target/work");
  }

  private static Path property(String name, String otherwise) {
    return Path.of(System.getProperty(name, otherwise)).toAbsolutePath().normalize();
  }

  /** The server. */
  public PlenumServer server() {
    return server;
  }

  /** The database; only of an installation on PostgreSQL. */
  public PostgresServer postgres() {
    return postgres.orElseThrow();
  }

  /** A client of nobody. */
  public RestClient anonymous() {
    return server.anonymous();
  }

  /** A broker in a process of its own, for the caller to close. */
  BrokerServer startBroker() {
    return BrokerServer.start(server.payara(), property("plenum.project", ".."), work());
  }

  /** The connection factory of the server's own broker. */
  public ConnectionFactory broker() {
    return LegacySystem.connections(server.payara(), server.jmsPort());
  }

  /**
   * One of the demo people, signed in: ada (platform admin), grace, alan, linus, margaret. A new
   * server makes them in the moments after it says that it is ready.
   */
  public RestClient person(String name) {
    return await()
        .atMost(Duration.ofMinutes(1))
        .pollDelay(Duration.ZERO)
        .pollInterval(Duration.ofMillis(200))
        .ignoreExceptionsMatching(AssertionError.class::isInstance)
        .until(() -> anonymous().signIn(name, "demo-" + name), Objects::nonNull);
  }

  @Override
  public void close() {
    server.close();
    postgres.ifPresent(PostgresServer::close);
  }
}
