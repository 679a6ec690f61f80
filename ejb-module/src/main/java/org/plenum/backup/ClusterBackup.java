package org.plenum.backup;

import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;
import org.plenum.platform.ProductVersion;

/**
 * One backup of a whole cluster on this machine: a folder for each node, which is a backup of its
 * own, and the files of the database that they share. All journals come before the database, for
 * the same reason as in {@link Filling}: whatever a copied journal does not hold any more is in the
 * copied database. For one thread.
 */
final class ClusterBackup {
  /** What its manifest calls the database; no single node restores it. */
  static final String PRODUCT = "postgresql-cluster";

  private final Map<String, Path> nodes;
  private final PostgresCopy database;
  private final ToolOptions options;
  private final Consumer<String> say;
  private final Clock clock;
  private final DurableFiles files = new DurableFiles();

  /**
   * Of these nodes.
   *
   * @param nodes the plenum.data.dir of each, by name
   */
  ClusterBackup(
      Map<String, Path> nodes,
      PostgresCopy database,
      ToolOptions options,
      Consumer<String> say,
      Clock clock) {
    this.nodes = new LinkedHashMap<>(nodes);
    this.database = database;
    this.options = options;
    this.say = say;
    this.clock = clock;
  }

  /** A backup that is whole. */
  record Made(Path path, long revision) {}

  /** Makes one in a folder of backups. */
  Made make(BackupFolder folder) throws IOException, SQLException, InterruptedException {
    Instant now = clock.instant();
    Path draft = folder.begin(now);
    if (draft == null) {
      throw new IOException("another backup is being made in " + folder.path());
    }
    Made made;
    try {
      boolean online = false;
      for (Map.Entry<String, Path> node : nodes.entrySet()) {
        online |= fill(node.getKey(), node.getValue(), draft);
      }
      say.accept("database");
      DatabaseFacts facts = database.copyTo(draft.resolve(Filling.DATABASE));
      say.accept("checksums of " + ToolOptions.size(DurableFiles.sizeOf(draft)));
      Path whole = folder.complete(draft, manifest(PRODUCT, facts, online, now));
      made = new Made(whole, facts.revision());
    } catch (IOException | SQLException | InterruptedException | RuntimeException e) {
      folder.abandon(draft);
      throw e;
    }
    for (Path data : nodes.values()) {
      new Control(data).note(made.path(), now); // for the page Cluster
    }
    return made;
  }

  /** Whether the node's server did it. */
  private boolean fill(String name, Path data, Path draft)
      throws IOException, SQLException, InterruptedException {
    Instant now = clock.instant();
    // A server fills nothing but drafts.
    Path part = draft.resolve("." + name + BackupFolder.DRAFT);
    files.makeFolder(part);
    try {
      NodeFiles node = new NodeFiles(data, options, text -> say.accept(name + ": " + text));
      boolean online = node.running();
      DatabaseFacts facts;
      if (online) {
        facts = node.filledByServer(part);
      } else {
        say.accept(name + ": is stopped, its files are copied");
        node.copyStopped(part, files);
        facts = database.facts();
      }
      if (!facts.product().equals(DatabaseFacts.POSTGRESQL)) {
        throw new IOException("its database is " + facts.product());
      }
      files.forceTree(part);
      manifest(facts.product(), facts, online, now).write(part, files);
      files.rename(part, draft.resolve(name));
      say.accept(name + ": " + ToolOptions.size(DurableFiles.sizeOf(draft.resolve(name))));
      return online;
    } catch (IOException e) {
      throw new IOException(name + ": " + e.getMessage(), e);
    }
  }

  private Manifest manifest(String product, DatabaseFacts facts, boolean online, Instant from) {
    return new Manifest(
        ProductVersion.TEXT,
        product,
        facts.schema(),
        facts.revision(),
        online,
        from,
        Duration.between(from, clock.instant()));
  }
}
