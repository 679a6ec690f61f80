package org.plenum.reader;

import org.plenum.container.SharedPostgres;
import org.plenum.writer.TestWriter;

class DatabaseGroupQueryPostgresIT extends DatabaseGroupQueryTest {
  @Override
  TestWriter writer() throws Exception {
    return TestWriter.onPostgres(SharedPostgres.url());
  }
}
