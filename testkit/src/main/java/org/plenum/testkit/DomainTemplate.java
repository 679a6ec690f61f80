package org.plenum.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.plenum.testkit.PlenumServer.Options;
import org.postgresql.Driver;

/**
 * A domain with Plenum in it that is never started itself: made once, the way an administrator
 * makes one ({@code create-domain}, {@code domain-config/apply}, {@code deploy}, {@code
 * domain-config/destinations}), and copied for every server, with the ports, the heap, the database
 * and the configuration of that server. Kept in {@code target/domain-template} of the project,
 * shared by all its processes, and made anew when {@code domain-config}, the application, Payara or
 * the JDK has changed. Thread-safe.
 */
final class DomainTemplate {
  /** The ports of a domain, as offsets from its port base. */
  private static final int[] PORTS = {9, 37, 38, 39, 48, 49, 66, 76, 80, 81, 86, 90};

  private static final Pattern PORT_OF_BASE = Pattern.compile("@BASE\\+([0-9]{1,2})@");

  private static final String HEAP = "1g";
  private static final String NO_DATABASE = "127.0.0.1:1/plenum";
  private static final Pattern SIMPLE_URL =
      Pattern.compile("jdbc:postgresql://([^/?]+/[^/?]+)", Pattern.CASE_INSENSITIVE);
  private static final String ON_H2 = "config/domain-on-h2.xml";
  private static final String ON_POSTGRES = "config/domain-on-postgresql.xml";
  private static final String DOMAIN_XML = "config/domain.xml";
  private static final String SERVER = "<jvm-options>-server</jvm-options>";

  /** While the template is made, the server lives for seconds. */
  private static final String BRIEF = SERVER + "<jvm-options>-XX:TieredStopAtLevel=1</jvm-options>";

  /** What {@code domain-config} says of the collector, for another one to take its place. */
  private static final String COLLECTOR =
      "\\s*<jvm-options>-XX:(\\+Use[A-Za-z0-9]*GC|MaxGCPauseMillis=[0-9]+)</jvm-options>";

  private final Path folder;
  private final int base;

  private DomainTemplate(Path folder) throws IOException {
    this.folder = folder;
    this.base = Integer.parseInt(Files.readString(folder.resolve("base")).strip());
  }

  /** A port base with free ports for a domain. */
  static int freeBase() {
    return FreePorts.base(PORTS);
  }

  /** The template for such servers; made when there is none, which takes about a minute. */
  static DomainTemplate of(Options options) throws IOException {
    Path all = options.project().toAbsolutePath().resolve("target/domain-template");
    Path folder = all.resolve(key(options));
    MachineLock.TEMPLATE.during(
        options.project(),
        () -> {
          try {
            if (!Files.exists(folder)) {
              make(options, Files.createDirectories(all), folder);
            }
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        });
    return new DomainTemplate(folder);
  }

  /**
   * Makes a domain, stopped, of this template.
   *
   * @param domain its folder, which is not there yet
   * @param port its port base
   * @param deployed whether the application is in it
   */
  void copyTo(Path domain, int port, Options options, boolean deployed) throws IOException {
    Folders.copy(folder.resolve("plenum"), domain);
    String url = options.databaseUrl();
    String xml = Files.readString(domain.resolve(url == null ? ON_H2 : ON_POSTGRES));
    if (url != null) {
      xml = xml.replace(NO_DATABASE, address(url));
    }
    xml = atPorts(xml, port).replace("-Xmx" + HEAP, "-Xmx" + options.heap());
    xml = xml.replaceAll("\\s*<jvm-options>-XX:TieredStopAtLevel=1</jvm-options>", "");
    xml = xml.replace("-Xms" + HEAP, "-Xms" + options.heap());
    if (deployed) {
      xml = xml.replaceAll("(<application-ref [^>]*)enabled=\"false\"", "$1enabled=\"true\"");
    } else {
      xml =
          xml.replaceAll(
              "(?s)<application .*?</application>|<application-ref [^>]*></application-ref>", "");
      Folders.delete(domain.resolve("applications/plenum"));
      Folders.delete(domain.resolve("applications/__internal/plenum"));
      Folders.delete(domain.resolve("generated"));
    }
    Files.writeString(domain.resolve(DOMAIN_XML), withOurs(xml, options, port));
  }

  private static String address(String url) {
    var matcher = SIMPLE_URL.matcher(url);
    if (!matcher.matches()) {
      throw new IllegalArgumentException("not jdbc:postgresql://host:port/name: " + url);
    }
    return matcher.group(1);
  }

  /** A base is a multiple of 100: all its ports begin with the same digits. */
  private static Pattern portsOf(int base) {
    return Pattern.compile("(?<![0-9.])" + base / 100 + "(?=[0-9]{2}(?![0-9]))");
  }

  private String atPorts(String xml, int port) {
    return portsOf(base).matcher(xml).replaceAll(Integer.toString(port / 100));
  }

  /** The configuration of the server as system properties. */
  private static String withOurs(String xml, Options options, int base) {
    StringBuilder ours = new StringBuilder();
    options
        .config()
        .forEach(
            (key, value) ->
                ours.append(
                    "<jvm-options>-D%s=%s</jvm-options>\n"
                        .formatted(key, escaped(withPorts(value, base)))));
    options
        .jvmOptions()
        .forEach(
            option -> ours.append("<jvm-options>%s</jvm-options>\n".formatted(escaped(option))));
    boolean collector = options.jvmOptions().stream().anyMatch(o -> o.matches("-XX:\\+Use.*GC"));
    String rest = collector ? xml.replaceAll(COLLECTOR, "") : xml;
    return rest.replace(SERVER, SERVER + "\n" + ours);
  }

  /** A value may name a port of this server, which is not known before: {@code @BASE+80@}. */
  private static String withPorts(String value, int base) {
    return PORT_OF_BASE
        .matcher(value)
        .replaceAll(match -> Integer.toString(base + Integer.parseInt(match.group(1))));
  }

  private static String escaped(String value) {
    return value.replace("&", "&amp;").replace("<", "&lt;");
  }

  // ---- making ----------------------------------------------------------------------------------

  private static void make(Options options, Path all, Path folder) throws IOException {
    long begin = System.nanoTime();
    try (Stream<Path> old = Files.list(all)) {
      for (Path each : old.filter(Files::isDirectory).toList()) {
        Folders.delete(each);
      }
    }
    Path making = Files.createDirectories(all.resolve("making"));
    Asadmin asadmin = new Asadmin(options.payara(), options.project(), making);
    int base = baseWithoutDoubles(options.project());
    Files.writeString(making.resolve("base"), Integer.toString(base));
    asadmin.prepare();
    try {
      make(asadmin, base, options);
    } finally {
      DomainProcess.of(asadmin.domain()).kill();
    }
    Files.move(making, folder);
    System.out.printf(
        "The domain that tests copy is made: %d s%n",
        Duration.ofNanos(System.nanoTime() - begin).toSeconds());
  }

  /** The digits of the ports must not be in anything else that the domain's configuration says. */
  private static int baseWithoutDoubles(Path project) throws IOException {
    StringBuilder said = new StringBuilder();
    for (Path file : configuration(project)) {
      said.append(Files.readString(file));
    }
    int base = freeBase();
    while (portsOf(base).matcher(said).find()) {
      base = freeBase();
    }
    return base;
  }

  private static List<Path> configuration(Path project) throws IOException {
    try (Stream<Path> files = Files.list(project.resolve("domain-config"))) {
      return files.filter(Files::isRegularFile).sorted().toList();
    }
  }

  private static void make(Asadmin asadmin, int base, Options options) throws IOException {
    asadmin.run(
        "create-domain",
        "--domaindir",
        asadmin.domains().toString(),
        "--portbase",
        Integer.toString(base),
        "--checkports=false",
        "plenum");
    Path domain = asadmin.domain();
    Path xml = domain.resolve(DOMAIN_XML);
    // Loopback from the first start on.
    Files.writeString(
        xml,
        Files.readString(xml)
            .replace("address=\"0.0.0.0\"", "address=\"127.0.0.1\"")
            .replace(SERVER, BRIEF));
    Files.copy(
        driverJar(), Files.createDirectories(domain.resolve("lib")).resolve("postgresql.jar"));
    List<String> onH2 = new ArrayList<>(settings(base, HEAP, null));
    onH2.addAll(List.of("--prepare", asadmin.domains().resolve("first-start").toString()));
    asadmin.apply(base + 48, onH2);
    asadmin.firstStart(asadmin.domains().resolve("first-start"));
    asadmin.run(
        "--port",
        Integer.toString(base + 48),
        "deploy",
        "--enabled=false",
        "--name",
        "plenum",
        "--contextroot",
        "/plenum",
        options.ear().toAbsolutePath().toString());
    asadmin.destinations(base + 76);
    Files.copy(xml, domain.resolve(ON_H2));
    asadmin.apply(base + 48, settings(base, HEAP, "jdbc:postgresql://" + NO_DATABASE));
    Files.copy(xml, domain.resolve(ON_POSTGRES));
    asadmin.stopDomain();
    Files.deleteIfExists(domain.resolve("logs/server.log"));
    Folders.delete(domain.resolve("plenum"));
  }

  /** Options of {@code apply} for a domain with that port base. */
  static List<String> settings(int base, String heap, @Nullable String databaseUrl) {
    List<String> common =
        List.of(
            "--grid-port",
            Integer.toString(base + 49),
            "--grid-name",
            "plenum-" + base,
            "--heap",
            heap,
            "--demo");
    return databaseUrl == null
        ? common
        : Stream.concat(common.stream(), Stream.of("--database", databaseUrl)).toList();
  }

  private static Path driverJar() {
    try {
      return Path.of(Driver.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  private static String key(Options options) throws IOException {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      for (Path file : configuration(options.project())) {
        digest.update(Files.readAllBytes(file));
      }
      digest.update(Files.readAllBytes(options.ear()));
      digest.update(Files.readAllBytes(driverJar()));
      Path bundles =
          options.payara().resolve("glassfish/config/branding/glassfish-version.properties");
      digest.update(Files.readAllBytes(bundles));
      String where = options.payara() + "\n" + System.getProperty("java.home");
      digest.update(where.getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(digest.digest(), 0, 8);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
