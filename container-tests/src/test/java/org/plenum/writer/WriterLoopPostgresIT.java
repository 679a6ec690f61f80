package org.plenum.writer;

import org.plenum.container.SharedPostgres;

class WriterLoopPostgresIT extends WriterLoopContract {
  @Override
  TestDatabase database() throws Exception {
    return TestDatabase.postgres(SharedPostgres.url());
  }
}
