package org.plenum;

import static java.util.Map.entry;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** One package owns each table: the wall that is in SQL texts, where no class file shows it. */
class TablesTest {
  private static final Pattern WRITING =
      Pattern.compile("\\b(?:INSERT INTO|UPDATE|DELETE FROM|MERGE INTO|TRUNCATE TABLE)\\s+(\\w+)");
  private static final Pattern TABLE = Pattern.compile("CREATE TABLE (\\w+)");
  private static final Map<String, String> OWNERS =
      Map.ofEntries(
          entry("writer_lease", "writer"),
          entry("reader_lease", "reader"),
          entry("chat_group", "writer"),
          entry("membership", "writer"),
          entry("timeline_entry", "writer"),
          entry("update_log", "writer"),
          entry("account", "account"),
          entry("dead_letter", "intake"),
          entry("intake_attempt", "intake"),
          entry("report", "report"),
          entry("report_state", "report"),
          entry("report_delivery", "report"),
          entry("report_summary", "report"),
          entry("report_position", "report"),
          entry("report_queue", "report/queue/jdbc"),
          entry("report_queue_entry", "report/queue/jdbc"),
          entry("report_queue_cursor", "report/queue/jdbc"),
          entry("report_queue_letter", "report/queue/jdbc"),
          entry("xmpp_lease", "report/xmpp"),
          entry("xmpp_node", "report/xmpp"),
          entry("xmpp_letter", "report/xmpp"));

  @Test
  void everyTableIsWrittenByItsOwnerAlone() throws IOException {
    List<String> trespassers = new ArrayList<>();
    int statements = 0;
    for (String module : List.of("ejb-module", "web-module")) {
      for (Path file : files(Path.of("..", module, "src", "main", "java"))) {
        Matcher writing = WRITING.matcher(Files.readString(file));
        while (writing.find()) {
          String owner = OWNERS.get(writing.group(1));
          if (owner != null) {
            statements++;
            if (!file.toString().replace('\\', '/').contains("/org/plenum/" + owner + "/")) {
              trespassers.add(file + " writes " + writing.group(1));
            }
          }
        }
      }
    }
    assertThat(trespassers).isEmpty();
    assertThat(statements).as("statements that write").isGreaterThan(10);
  }

  @Test
  void everyTableHasAnOwner() throws IOException {
    TreeSet<String> tables = new TreeSet<>();
    for (Path file : files(Path.of("src", "main", "resources", "db", "migration"))) {
      Matcher table = TABLE.matcher(Files.readString(file));
      while (table.find()) {
        tables.add(table.group(1));
      }
    }
    assertThat(OWNERS.keySet()).containsExactlyInAnyOrderElementsOf(tables);
  }

  private static List<Path> files(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      return files.filter(Files::isRegularFile).toList();
    }
  }
}
