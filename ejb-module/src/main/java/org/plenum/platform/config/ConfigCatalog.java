package org.plenum.platform.config;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.StreamSupport;
import org.eclipse.microprofile.config.Config;

/**
 * Every documented configuration key of the application. Features are listed by name, so that the
 * platform depends on none of them; a module sees its own and those below it. Thread-safe.
 */
public final class ConfigCatalog {
  /** The classes that hold a list {@code KEYS}, in the order of the documentation. */
  public static final List<String> CLASSES =
      List.of(
          "org.plenum.platform.config.DataFolder",
          "org.plenum.platform.NodeConfig",
          "org.plenum.platform.health.HealthConfig",
          "org.plenum.account.AccountConfig",
          "org.plenum.group.GroupConfig",
          "org.plenum.writer.WriterConfig",
          "org.plenum.writer.RetentionConfig",
          "org.plenum.writer.RouterConfig",
          "org.plenum.update.UpdateConfig",
          "org.plenum.reader.ReaderConfig",
          "org.plenum.cluster.ClusterConfig",
          "org.plenum.balancer.BalancerConfig",
          "org.plenum.intake.IntakeConfig",
          "org.plenum.report.ReportConfig",
          "org.plenum.report.xmpp.XmppConfig",
          "org.plenum.backup.BackupConfig",
          "org.plenum.web.auth.AuthConfig",
          "org.plenum.web.edge.EdgeConfig",
          "org.plenum.web.limits.LimitsConfig",
          "org.plenum.web.push.PushConfig");

  private static final int NEAR = 4;

  private ConfigCatalog() {}

  /** The keys that this class loader sees. */
  public static List<ConfigKey<?>> keys(ClassLoader loader) {
    List<ConfigKey<?>> keys = new ArrayList<>();
    for (String name : CLASSES) {
      try {
        Object list = Class.forName(name, true, loader).getField("KEYS").get(null);
        for (Object key : (List<?>) list) {
          keys.add((ConfigKey<?>) key);
        }
      } catch (ClassNotFoundException e) {
        // A feature of a module above this one: it is checked there.
      } catch (ReflectiveOperationException e) {
        throw new IllegalStateException(name + " has no public list KEYS", e);
      }
    }
    return List.copyOf(keys);
  }

  /** A sentence for each value that cannot be used. */
  public static List<String> badValues(Config config, List<ConfigKey<?>> keys) {
    List<String> problems = new ArrayList<>();
    for (ConfigKey<?> key : keys) {
      try {
        key.from(config);
      } catch (RuntimeException e) {
        problems.add(e.getMessage());
      }
    }
    return List.copyOf(problems);
  }

  /** A sentence for each configured name under {@code plenum.} that no feature knows. */
  public static List<String> unknownNames(Config config, List<ConfigKey<?>> keys) {
    List<String> known = keys.stream().map(ConfigKey::name).toList();
    return StreamSupport.stream(config.getPropertyNames().spliterator(), false)
        .filter(name -> name.startsWith("plenum.") && !known.contains(name))
        .sorted()
        .distinct()
        .map(
            name ->
                "unknown configuration key "
                    + name
                    + nearest(name, known).map(near -> "; did you mean " + near + "?").orElse(""))
        .toList();
  }

  private static Optional<String> nearest(String name, List<String> known) {
    return known.stream()
        .min(Comparator.comparingInt(candidate -> distance(name, candidate)))
        .filter(candidate -> distance(name, candidate) <= NEAR);
  }

  /** Edits (insert, delete, replace) that make one text the other. */
  private static int distance(String left, String right) {
    int[] row = new int[right.length() + 1];
    for (int j = 0; j <= right.length(); j++) {
      row[j] = j;
    }
    for (int i = 1; i <= left.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j <= right.length(); j++) {
        int replaced = diagonal + (left.charAt(i - 1) == right.charAt(j - 1) ? 0 : 1);
        diagonal = row[j];
        row[j] = Math.min(replaced, Math.min(row[j], row[j - 1]) + 1);
      }
    }
    return row[right.length()];
  }
}
