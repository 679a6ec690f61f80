package org.plenum.platform;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.io.IOException;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.h2.jdbcx.JdbcDataSource;
import org.junit.jupiter.api.Test;

/**
 * The migrations against the entities, and the migrations of the two databases against each other.
 */
class SchemaTest {
  private static final Path MIGRATIONS = Path.of("src/main/resources/db/migration");
  private static final Pattern TABLE =
      Pattern.compile("CREATE TABLE (\\w+)\\s*\\((.*?)\\n\\)", Pattern.DOTALL);

  @Test
  void everyColumnOfEveryEntityExistsInTheMigratedSchema() throws Exception {
    Map<String, List<String>> schema = migratedColumns();
    List<Class<?>> entities = entities();
    assertThat(entities).isNotEmpty();
    for (Class<?> entity : entities) {
      String table = entity.getAnnotation(Table.class).name();
      List<String> mapped = new ArrayList<>();
      for (Field field : entity.getDeclaredFields()) {
        if (!Modifier.isStatic(field.getModifiers()) && !field.isSynthetic()) {
          Column column = field.getAnnotation(Column.class);
          assertThat(column != null || field.isAnnotationPresent(Id.class))
              .as("%s", field)
              .isTrue();
          mapped.add(column == null || column.name().isEmpty() ? field.getName() : column.name());
        }
      }
      assertThat(schema).containsKey(table);
      assertThat(schema.get(table)).as("columns of %s", table).containsAll(mapped);
    }
  }

  @Test
  void bothDatabasesHaveTheSameTablesAndColumns() throws Exception {
    assertThat(columns("postgresql")).isEqualTo(columns("h2"));
  }

  private static List<Class<?>> entities() {
    List<Class<?>> found = new ArrayList<>();
    for (JavaClass each :
        new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("org.plenum")) {
      if (each.isAnnotatedWith(Entity.class)) {
        found.add(each.reflect());
      }
    }
    return found;
  }

  private static Map<String, List<String>> migratedColumns() throws Exception {
    JdbcDataSource database = new JdbcDataSource();
    database.setURL("jdbc:h2:mem:" + UUID.randomUUID());
    Map<String, List<String>> columns = new TreeMap<>();
    try (Connection connection = database.getConnection()) {
      SchemaMigration.migrate(database);
      try (ResultSet row = connection.getMetaData().getColumns(null, "PUBLIC", "%", "%")) {
        while (row.next()) {
          columns
              .computeIfAbsent(
                  row.getString("TABLE_NAME").toLowerCase(Locale.ROOT), name -> new ArrayList<>())
              .add(row.getString("COLUMN_NAME").toLowerCase(Locale.ROOT));
        }
      }
    }
    return columns;
  }

  /** Table to its columns with NULL or NOT NULL, as the files of one product say. */
  private static Map<String, List<String>> columns(String product) throws IOException {
    Map<String, List<String>> tables = new TreeMap<>();
    try (Stream<Path> files = Files.list(MIGRATIONS.resolve(product))) {
      for (Path file : files.sorted().toList()) {
        Matcher table = TABLE.matcher(Files.readString(file, StandardCharsets.UTF_8));
        while (table.find()) {
          List<String> columns = new ArrayList<>();
          for (String line : table.group(2).split("\n")) {
            String text = line.strip();
            if (text.matches("[a-z_]+ .*")) {
              boolean required = text.contains("NOT NULL") || text.contains("PRIMARY KEY");
              columns.add(text.substring(0, text.indexOf(' ')) + (required ? " NOT NULL" : ""));
            }
          }
          tables.put(table.group(1), columns);
        }
      }
    }
    return tables;
  }
}
