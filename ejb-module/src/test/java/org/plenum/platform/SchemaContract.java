package org.plenum.platform;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.plenum.writer.TestDatabase;

/**
 * The schema that the migrations make, read from a database, is the one of {@code
 * golden/schema.txt}: the same on every product. A migration changes that file in the same commit.
 */
abstract class SchemaContract {
  private static final int LONG_TEXT = 1 << 20;

  /** A fresh database with the real migrations. */
  abstract TestDatabase database() throws Exception;

  /** Names of the indexes that other products do without. */
  abstract Set<String> indexesOfThisProductAlone();

  @Test
  void theMigrationsMakeTheGoldenSchema() throws Exception {
    try (TestDatabase database = database();
        Connection connection = database.dataSource().getConnection();
        InputStream golden = SchemaContract.class.getResourceAsStream("/golden/schema.txt")) {
      assertThat(golden).isNotNull();
      assertThat(new Reading(connection, indexesOfThisProductAlone()).text())
          .isEqualTo(new String(golden.readAllBytes(), StandardCharsets.UTF_8));
    }
  }

  @Test
  void theIndexesOfThisProductAloneAreThere() throws Exception {
    try (TestDatabase database = database();
        Connection connection = database.dataSource().getConnection()) {
      String text = new Reading(connection, Set.of()).text();
      assertThat(indexesOfThisProductAlone())
          .allSatisfy(index -> assertThat(text).contains("index " + index + " "));
    }
  }

  /** Describes tables in words that are no product's own. */
  private record Reading(Connection connection, Set<String> passedOver) {
    String text() throws SQLException {
      StringBuilder text = new StringBuilder();
      for (String table : tables()) {
        text.append(lower(table)).append('\n');
        columns(table).forEach(line -> text.append("  ").append(line).append('\n'));
        constraints(table).forEach(line -> text.append("  ").append(line).append('\n'));
      }
      return text.toString();
    }

    private Set<String> tables() throws SQLException {
      Set<String> names = new TreeSet<>();
      try (ResultSet row =
          about()
              .getTables(null, connection.getSchema(), "%", new String[] {"TABLE", "BASE TABLE"})) {
        while (row.next()) {
          String name = row.getString("TABLE_NAME");
          if (!lower(name).startsWith("flyway")) {
            names.add(name);
          }
        }
      }
      return names;
    }

    private List<String> columns(String table) throws SQLException {
      List<String> lines = new ArrayList<>();
      try (ResultSet row = about().getColumns(null, connection.getSchema(), table, "%")) {
        while (row.next()) {
          String line =
              lower(row.getString("COLUMN_NAME"))
                  + " "
                  + type(row.getString("TYPE_NAME"), row.getInt("COLUMN_SIZE"));
          if (row.getInt("NULLABLE") == DatabaseMetaData.columnNoNulls) {
            line += " not null";
          }
          if ("YES".equals(row.getString("IS_AUTOINCREMENT"))) {
            line += " identity";
          }
          lines.add(line);
        }
      }
      return lines;
    }

    private static String type(String name, int size) {
      return switch (lower(name)) {
        case "int2", "smallint" -> "smallint";
        case "int4", "integer" -> "integer";
        case "int8", "bigserial", "bigint" -> "bigint";
        case "bool", "boolean" -> "boolean";
        case "uuid" -> "uuid";
        case "timestamptz", "timestamp with time zone" -> "instant";
        case "bytea", "binary varying", "binary large object" -> "bytes";
        case "text", "character large object" -> "text";
        case "varchar", "character varying" -> size >= LONG_TEXT ? "text" : "varchar(" + size + ")";
        default -> throw new AssertionError("no name for the type " + name);
      };
    }

    private Set<String> constraints(String table) throws SQLException {
      Set<String> lines = new TreeSet<>();
      Map<Integer, String> key = new TreeMap<>();
      try (ResultSet row = about().getPrimaryKeys(null, connection.getSchema(), table)) {
        while (row.next()) {
          key.put(row.getInt("KEY_SEQ"), lower(row.getString("COLUMN_NAME")));
        }
      }
      lines.add("primary key " + listed(key.values()));
      try (ResultSet row = about().getImportedKeys(null, connection.getSchema(), table)) {
        while (row.next()) {
          lines.add(
              "foreign key %s to %s(%s)"
                  .formatted(
                      lower(row.getString("FKCOLUMN_NAME")),
                      lower(row.getString("PKTABLE_NAME")),
                      lower(row.getString("PKCOLUMN_NAME"))));
        }
      }
      lines.addAll(indexes(table, listed(key.values())));
      lines.addAll(checks(table));
      return lines;
    }

    private Set<String> indexes(String table, String primaryKey) throws SQLException {
      Map<String, List<String>> columns = new TreeMap<>();
      Set<String> unique = new TreeSet<>();
      try (ResultSet row = about().getIndexInfo(null, connection.getSchema(), table, false, true)) {
        while (row.next()) {
          String name = row.getString("INDEX_NAME");
          if (name != null) {
            columns
                .computeIfAbsent(lower(name), each -> new ArrayList<>())
                .add(lower(row.getString("COLUMN_NAME")));
            if (!row.getBoolean("NON_UNIQUE")) {
              unique.add(lower(name));
            }
          }
        }
      }
      Set<String> lines = new TreeSet<>();
      columns.forEach(
          (name, list) -> {
            if (unique.contains(name)) {
              if (!listed(list).equals(primaryKey)) {
                lines.add("unique " + listed(list));
              }
            } else if (name.contains("_by_") && !passedOver.contains(name)) {
              lines.add("index " + name + " " + listed(list));
            }
          });
      return lines;
    }

    private Set<String> checks(String table) throws SQLException {
      Set<String> lines = new TreeSet<>();
      try (PreparedStatement query =
          connection.prepareStatement(
              """
              SELECT c.check_clause
              FROM information_schema.table_constraints t
              JOIN information_schema.check_constraints c
                ON c.constraint_schema = t.constraint_schema AND c.constraint_name = t.constraint_name
              WHERE t.constraint_type = 'CHECK' AND t.table_schema = ? AND t.table_name = ?
              """)) {
        query.setString(1, connection.getSchema());
        query.setString(2, table);
        try (ResultSet row = query.executeQuery()) {
          while (row.next()) {
            String clause = lower(row.getString(1)).replaceAll("::text|[\"() ]", "");
            if (!clause.endsWith("isnotnull")) {
              lines.add("check " + clause);
            }
          }
        }
      }
      return lines;
    }

    private DatabaseMetaData about() throws SQLException {
      return connection.getMetaData();
    }

    private static String listed(Collection<String> names) {
      return "(" + String.join(", ", names) + ")";
    }

    private static String lower(String text) {
      return text.toLowerCase(Locale.ROOT);
    }
  }
}
