package org.plenum.reader;

import java.time.Duration;
import java.util.List;
import org.plenum.group.api.GroupQueryService;
import org.plenum.update.Update;
import org.plenum.writer.TestWriter;

/** The reads from the database, since the near cache is behind what the caller has seen. */
class DatabaseGroupQueryTest extends GroupQueryContract {
  private long last;

  @Override
  GroupQueryService open(TestWriter source) {
    ReaderStore store = new JdbcReaderStore(source.dataSource(), Duration.ofSeconds(5));
    ReaderMeters meters = TestConfig.meters();
    NearCache near = new NearCache(TestConfig.of(1_000), meters, value -> {});
    near.startAt(0);
    return new GroupQueries(
        near,
        new ReaderSource(store, new RoomReplica(null, meters), meters),
        store,
        Duration.ofMillis(1),
        meters);
  }

  @Override
  void updated(List<Update> updates) {
    last = updates.getLast().revision();
  }

  @Override
  long position() {
    return Math.max(1, last);
  }
}
