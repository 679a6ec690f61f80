package org.plenum.reader;

import org.plenum.container.SharedPostgres;
import org.plenum.writer.TestWriter;

class UpdateReplicaPostgresIT extends UpdateReplicaContract {
  @Override
  TestWriter writer() throws Exception {
    return TestWriter.onPostgres(SharedPostgres.url());
  }
}
