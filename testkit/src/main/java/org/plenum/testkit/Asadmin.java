package org.plenum.testkit;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/**
 * The administrator of the domains of one folder: asadmin and the scripts of {@code domain-config}.
 * Stateless and thread-safe.
 *
 * @param payara an unpacked Payara
 * @param project the root of the source tree, for {@code domain-config}
 * @param domains the folder that holds the domain {@code plenum}
 */
record Asadmin(Path payara, Path project, Path domains) {
  private static final Duration COMMAND_LIMIT = Duration.ofMinutes(4);

  /** Makes the programs of Payara executable and writes the file of passwords. */
  void prepare() throws IOException {
    makeExecutable(payara.resolve("bin"));
    makeExecutable(payara.resolve("glassfish/bin"));
    makeExecutable(payara.resolve("mq/bin"));
    Files.createDirectories(domains);
    Files.writeString(
        passwords(),
        "AS_ADMIN_PASSWORD="
            + PlenumServer.ADMIN_PASSWORD
            + "\nAS_ADMIN_MASTERPASSWORD=changeit\n");
  }

  /** The domain's folder. */
  Path domain() {
    return domains.resolve("plenum");
  }

  /** Runs an asadmin command. */
  void run(String... arguments) {
    run(Map.of(), arguments);
  }

  /** Runs an asadmin command with further variables in its environment. */
  void run(Map<String, String> variables, String... arguments) {
    Map<String, String> environment = new HashMap<>(environment());
    environment.putAll(variables);
    List<String> command =
        new ArrayList<>(
            List.of(
                program(),
                "--user",
                "admin",
                "--passwordfile",
                passwords().toString(),
                "--interactive=false"));
    command.addAll(List.of(arguments));
    ExternalProcess.run(command, environment, log(), COMMAND_LIMIT);
  }

  /** Starts the domain; returns when its administration answers. */
  void startDomain(Map<String, String> variables) {
    run(variables, "start-domain", "--domaindir", domains.toString(), "--timeout", "200", "plenum");
  }

  /**
   * Starts the domain for the first time, with what {@code apply --prepare} left to set in that
   * folder.
   */
  void firstStart(Path prepared) {
    run(
        "start-domain",
        "--domaindir",
        domains.toString(),
        "--timeout",
        "200",
        "--prebootcommandfile",
        prepared.resolve("before.asadmin").toString(),
        "--postbootcommandfile",
        prepared.resolve("after.asadmin").toString(),
        "plenum");
  }

  /** Stops the domain in order. */
  void stopDomain() {
    run("stop-domain", "--domaindir", domains.toString(), "plenum");
  }

  /** {@code domain-config/apply} on the running domain. */
  void apply(int adminPort, List<String> options) {
    List<String> command =
        new ArrayList<>(
            List.of(
                script("apply"),
                "--asadmin",
                program(),
                "--port",
                Integer.toString(adminPort),
                "--passwordfile",
                passwords().toString(),
                "--domain-dir",
                domain().toString()));
    command.addAll(options);
    ExternalProcess.run(command, environment(), log(), COMMAND_LIMIT);
  }

  /** {@code domain-config/destinations} on the running broker. */
  void destinations(int jmsPort) {
    ExternalProcess.run(
        List.of(
            script("destinations"),
            "--imqcmd",
            payara.resolve("mq/bin/imqcmd").toString(),
            "--broker",
            "127.0.0.1:" + jmsPort,
            "--java-home",
            System.getProperty("java.home")),
        environment(),
        log(),
        COMMAND_LIMIT);
  }

  private Path passwords() {
    return domains.resolve("admin-password");
  }

  private Path log() {
    return domains.resolve("commands.log");
  }

  private String script(String name) {
    return project.resolve("domain-config").resolve(name).toAbsolutePath().toString();
  }

  private String program() {
    return payara.resolve("glassfish/bin/asadmin").toAbsolutePath().toString();
  }

  private static Map<String, String> environment() {
    String home = System.getProperty("java.home");
    return Map.of("AS_JAVA", home, "JAVA_HOME", home);
  }

  private static void makeExecutable(Path folder) throws IOException {
    if (!Files.isDirectory(folder)) {
      return;
    }
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        Set<PosixFilePermission> permissions = EnumSet.copyOf(Files.getPosixFilePermissions(file));
        if (permissions.add(PosixFilePermission.OWNER_EXECUTE)) {
          Files.setPosixFilePermissions(file, permissions);
        }
      }
    }
  }
}
