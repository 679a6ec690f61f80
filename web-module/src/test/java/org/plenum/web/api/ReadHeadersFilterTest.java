package org.plenum.web.api;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** The position of an answer, which a caller carries from node to node (GRP-5). */
class ReadHeadersFilterTest {
  @Test
  void aNodeThatIsAheadSaysWhatItHasApplied() {
    assertThat(ReadHeadersFilter.position(12, "10", 200)).isEqualTo(12);
    assertThat(ReadHeadersFilter.position(12, null, 200)).isEqualTo(12);
  }

  @Test
  void aNodeThatIsBehindAndReadFromTheDatabaseDoesNotTakeTheCallerBack() {
    assertThat(ReadHeadersFilter.position(7, "10", 200)).isEqualTo(10);
    assertThat(ReadHeadersFilter.position(7, " 10 ", 304)).isEqualTo(10);
  }

  @Test
  void aPositionThatWasRefusedOrIsNoneIsNotEchoed() {
    assertThat(ReadHeadersFilter.position(7, "999999999", 503)).isEqualTo(7);
    assertThat(ReadHeadersFilter.position(7, "-3", 200)).isEqualTo(7);
    assertThat(ReadHeadersFilter.position(7, "9".repeat(30), 200)).isEqualTo(7);
    assertThat(ReadHeadersFilter.position(7, "ten", 200)).isEqualTo(7);
  }
}
