package org.plenum.writer;

class WriterLoopH2Test extends WriterLoopContract {
  @Override
  TestDatabase database() throws Exception {
    return TestDatabase.h2();
  }
}
