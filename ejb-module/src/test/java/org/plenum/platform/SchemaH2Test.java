package org.plenum.platform;

import java.util.Set;
import org.plenum.writer.TestDatabase;

class SchemaH2Test extends SchemaContract {
  @Override
  TestDatabase database() throws Exception {
    return TestDatabase.h2();
  }

  @Override
  Set<String> indexesOfThisProductAlone() {
    return Set.of();
  }
}
