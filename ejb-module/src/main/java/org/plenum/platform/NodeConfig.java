package org.plenum.platform;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.eclipse.microprofile.config.Config;
import org.plenum.platform.config.ConfigKey;

/**
 * This node.
 *
 * @param name unique among the nodes on one database
 * @param url where peers reach it, empty when alone
 * @param roles what it does
 * @param secret by which nodes know each other, empty when alone
 */
public record NodeConfig(String name, String url, Set<NodeRole> roles, String secret) {
  /** Shorter secrets are guessed. */
  private static final int SECRET_LENGTH = 16;

  private static final ConfigKey<String> NAME =
      ConfigKey.text(
          "plenum.node.name",
          "",
          "Name of this node in answers, logs and the lease; by default the server instance and the host.");
  private static final ConfigKey<String> URL =
      ConfigKey.text(
          "plenum.node.url",
          "",
          "URL of the server at which other nodes reach this one (http://host:port); empty when it is alone.");
  private static final ConfigKey<List<String>> ROLES =
      ConfigKey.list(
          "plenum.node.roles",
          "business,writer,reader",
          "What this node does: business (takes requests and commands), writer (may lead the writing), reader (may"
              + " write the cache of the room and keeps snapshots).");
  private static final ConfigKey<String> SECRET =
      ConfigKey.text(
          "plenum.node.secret",
          "",
          "Secret by which the nodes of a cluster know each other, the same on all, 16 characters or more; best a"
              + " password alias of this name.");

  /** Every key. */
  public static final List<ConfigKey<?>> KEYS = List.of(NAME, URL, ROLES, SECRET);

  /** The values in force. */
  public static NodeConfig from(Config config) {
    String name = NAME.from(config).strip();
    return new NodeConfig(
        name.isEmpty() ? defaultName() : name,
        URL.from(config).strip().replaceAll("/+$", ""),
        roles(ROLES.from(config)),
        SECRET.from(config).strip());
  }

  private static Set<NodeRole> roles(List<String> names) {
    Set<NodeRole> roles = EnumSet.noneOf(NodeRole.class);
    for (String each : names) {
      roles.add(
          NodeRole.of(each)
              .orElseThrow(
                  () ->
                      new ServiceException(
                          ErrorCode.INVALID_VALUE,
                          "configuration key plenum.node.roles: '"
                              + each
                              + "' is none of business, writer, reader")));
    }
    return Set.copyOf(roles);
  }

  /** Whether there are other nodes. */
  public boolean clustered() {
    return !url.isEmpty();
  }

  /** Whether it has a role. */
  public boolean is(NodeRole role) {
    return roles.contains(role);
  }

  /** A sentence for each thing that would keep the nodes of a cluster from working together. */
  public static List<String> problems(Config config) {
    NodeConfig node;
    try {
      node = from(config);
    } catch (ServiceException e) {
      return List.of(e.detail());
    }
    List<String> problems = new ArrayList<>();
    if (node.clustered() && node.secret.length() < SECRET_LENGTH) {
      problems.add(
          "plenum.node.secret must have "
              + SECRET_LENGTH
              + " characters or more where plenum.node.url is set: nodes refuse each other without");
    }
    if (node.clustered() && !node.url.matches("https?://[^/]+")) {
      problems.add("plenum.node.url must look like http://host:port, not " + node.url);
    }
    return problems;
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
