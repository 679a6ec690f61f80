package org.plenum.web.group;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.plenum.group.api.GroupId;
import org.plenum.group.api.Head;
import org.plenum.group.api.HistoryPage;
import org.plenum.platform.ErrorCode;
import org.plenum.platform.ServiceException;

class EntryPagesTest {
  private static final GroupId GROUP = new GroupId(new UUID(0x0192L << 48, 0x8000L << 48));
  private static final GroupId OTHER = new GroupId(new UUID(1, 2));

  @Test
  void cursorSurvivesTheRoundTrip() {
    for (boolean forward : new boolean[] {true, false}) {
      EntryCursor cursor = new EntryCursor(GROUP, forward, 57);
      assertThat(EntryCursor.parse(cursor.text(), GROUP)).isEqualTo(cursor);
    }
  }

  @Test
  void foreignAndForgedCursorsAreRefused() {
    String good = new EntryCursor(GROUP, true, 57).text();
    byte[] altered = Base64.getUrlDecoder().decode(good);
    altered[8]++;
    for (String cursor :
        List.of(
            "",
            "%%",
            "abc",
            good + "AAAA",
            good.substring(4),
            Base64.getUrlEncoder().withoutPadding().encodeToString(altered))) {
      assertRefused(cursor, GROUP);
    }
    assertRefused(good, OTHER);
  }

  @Test
  void entriesAreCopiedAsTheyAre() {
    String json = text(page(List.of("{\"seq\":3}", "{\"seq\":4,\"text\":\"h\u00e4\"}"), 3, 3, 4));

    assertThat(json)
        .isEqualTo(
            "{\"group\":\""
                + GROUP
                + "\",\"firstSeq\":3,\"head\":{\"seq\":4,\"no\":2},\"entries\":[{\"seq\":3},"
                + "{\"seq\":4,\"text\":\"h\u00e4\"}],\"next\":null,\"prev\":null}");
  }

  @Test
  void pageInTheMiddleLeadsBothWays() {
    String json = text(page(List.of("{}", "{}"), 10, 1, 50));

    assertThat(json)
        .contains("\"next\":\"" + new EntryCursor(GROUP, true, 12).text() + '"')
        .contains("\"prev\":\"" + new EntryCursor(GROUP, false, 10).text() + '"');
  }

  @Test
  void emptyPageLeadsNowhere() {
    assertThat(text(page(List.of(), 0, 1, 50)))
        .endsWith("\"entries\":[],\"next\":null,\"prev\":null}");
  }

  @Test
  void etagChangesWithRevisionAndRange() {
    HistoryPage page = page(List.of("{}"), 10, 1, 50);

    assertThat(EntryPages.etag(page)).isEqualTo("\"99-10-1\"");
    assertThat(EntryPages.etag(page(List.of("{}"), 11, 1, 50))).isNotEqualTo(EntryPages.etag(page));
  }

  private static void assertRefused(String cursor, GroupId group) {
    assertThatExceptionOfType(ServiceException.class)
        .isThrownBy(() -> EntryCursor.parse(cursor, group))
        .extracting(ServiceException::code)
        .isEqualTo(ErrorCode.INVALID_CURSOR);
  }

  private static HistoryPage page(List<String> entries, long from, long first, long head) {
    List<byte[]> bytes =
        entries.stream().map(entry -> entry.getBytes(StandardCharsets.UTF_8)).toList();
    return new HistoryPage(GROUP, bytes, from, first, new Head(head, 2), 99, true);
  }

  private static String text(HistoryPage page) {
    return new String(EntryPages.json(page), StandardCharsets.UTF_8);
  }
}
