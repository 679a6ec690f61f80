package org.plenum.cluster;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.plenum.reader.api.ConsistencyReport;
import org.plenum.reader.api.ConsistencyReport.Difference;

/** The form of a report between nodes, which nodes of the next and the last version read too. */
class ConsistencyCodecTest {
  /** As the first version wrote it: it is read for ever. */
  private static final String GOLDEN =
      "{\"format\":1,\"revision\":12,\"roomRevision\":11,\"groups\":1,\"segments\":2,"
          + "\"accounts\":3,\"updates\":4,\"room\":5,\"unsettled\":6,\"complete\":true,"
          + "\"differences\":[{\"cache\":\"near\",\"kind\":\"group\",\"key\":\"k\","
          + "\"detail\":\"head 7, in the database 8\"}]}";

  private static final ConsistencyReport REPORT =
      new ConsistencyReport(
          12,
          11,
          1,
          2,
          3,
          4,
          5,
          6,
          true,
          List.of(new Difference("near", "group", "k", "head 7, in the database 8")));

  @Test
  void theBytesAreThoseOfTheFirstVersion() {
    assertThat(new String(ConsistencyCodec.encode(REPORT), UTF_8)).isEqualTo(GOLDEN);
    assertThat(ConsistencyCodec.decode(GOLDEN.getBytes(UTF_8))).contains(REPORT);
  }

  @Test
  void whatALaterVersionSaysMoreIsPassedOver() {
    String later =
        "{\"new\":[[1],{\"a\":2}],\"format\":1,\"revision\":9,\"complete\":true,\"differences\":"
            + "[{\"cache\":\"near\",\"more\":{\"x\":[1]}}],\"last\":null}";
    assertThat(ConsistencyCodec.decode(later.getBytes(UTF_8)))
        .contains(
            new ConsistencyReport(
                9, 0, 0, 0, 0, 0, 0, 0, true, List.of(new Difference("near", "", "", ""))));
  }

  @Test
  void whatIsNoReportIsRefused() {
    byte[] good = ConsistencyCodec.encode(REPORT);
    for (int length = 0; length < good.length; length++) {
      assertThat(ConsistencyCodec.decode(Arrays.copyOf(good, length))).as("%d", length).isEmpty();
    }
    assertThat(ConsistencyCodec.decode("[]".getBytes(UTF_8))).isEmpty();
    assertThat(ConsistencyCodec.decode("{\"format\":2}".getBytes(UTF_8))).isEmpty();
    assertThat(ConsistencyCodec.decode("{\"differences\":[1],\"format\":1}".getBytes(UTF_8)))
        .isEmpty();
  }

  @Test
  void theLongestReportCanBeRead() {
    Difference wide = new Difference("near", "group", "k".repeat(900), "ü".repeat(900));
    ConsistencyReport full =
        new ConsistencyReport(
            1,
            1,
            1,
            1,
            1,
            1,
            1,
            1,
            false,
            Collections.nCopies(ConsistencyReport.MAX_DIFFERENCES, wide));
    byte[] bytes = ConsistencyCodec.encode(full);
    assertThat(bytes.length).isLessThan(ConsistencyCodec.MAX_BYTES);
    assertThat(ConsistencyCodec.decode(bytes))
        .hasValueSatisfying(
            read ->
                assertThat(read.differences())
                    .hasSize(ConsistencyReport.MAX_DIFFERENCES)
                    .allSatisfy(found -> assertThat(found.key()).hasSize(300).endsWith("…")));
  }
}
