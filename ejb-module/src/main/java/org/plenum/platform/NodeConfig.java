package org.plenum.platform;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import org.eclipse.microprofile.config.Config;
import org.plenum.platform.config.ConfigKey;

/**
 * This node.
 *
 * @param name unique among the nodes on one database
 * @param url where peers reach it, empty when alone
 * @param writer whether it may lead the writing
 */
public record NodeConfig(String name, String url, boolean writer) {
  private static final ConfigKey<String> NAME =
      ConfigKey.text(
          "plenum.node.name",
          "",
          "Name of this node in answers, logs and the lease; by default the server instance and the host.");
  private static final ConfigKey<String> URL =
      ConfigKey.text("plenum.node.url", "", "URL at which other nodes reach this one.");
  private static final ConfigKey<List<String>> ROLES =
      ConfigKey.list(
          "plenum.node.roles",
          "business,writer,reader",
          "What this node does: business, writer, reader (GRP-10).");

  /** Every key. */
  public static final List<ConfigKey<?>> KEYS = List.of(NAME, URL, ROLES);

  /** The values in force. */
  public static NodeConfig from(Config config) {
    String name = NAME.from(config).strip();
    return new NodeConfig(
        name.isEmpty() ? defaultName() : name,
        URL.from(config).strip(),
        ROLES.from(config).contains("writer"));
  }

  private static String defaultName() {
    String instance = System.getProperty("com.sun.aas.instanceName", "server");
    try {
      return instance + "@" + InetAddress.getLocalHost().getHostName();
    } catch (UnknownHostException e) {
      return instance;
    }
  }
}
