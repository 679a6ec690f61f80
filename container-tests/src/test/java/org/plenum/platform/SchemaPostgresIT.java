package org.plenum.platform;

import java.util.Set;
import org.plenum.container.SharedPostgres;
import org.plenum.writer.TestDatabase;

class SchemaPostgresIT extends SchemaContract {
  @Override
  TestDatabase database() throws Exception {
    return TestDatabase.postgres(SharedPostgres.url());
  }

  /** Searching by prefix; H2 has no such indexes, and its tables of accounts are small. */
  @Override
  Set<String> indexesOfThisProductAlone() {
    return Set.of("account_by_name_prefix", "account_by_display_name_prefix");
  }
}
