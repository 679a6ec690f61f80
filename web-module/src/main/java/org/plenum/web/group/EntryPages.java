package org.plenum.web.group;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.plenum.group.api.HistoryPage;

/** Pages of history as JSON: the entries are encoded already and only copied. */
final class EntryPages {
  private static final int FRAME_BYTES = 320;

  private EntryPages() {}

  /** The body in UTF-8. */
  static byte[] json(HistoryPage page) {
    List<byte[]> entries = page.entries();
    int size = FRAME_BYTES + entries.size();
    for (byte[] entry : entries) {
      size += entry.length;
    }
    ByteArrayOutputStream out = new ByteArrayOutputStream(size);
    StringBuilder text = new StringBuilder(FRAME_BYTES);
    text.append("{\"group\":\"").append(page.group());
    text.append("\",\"firstSeq\":").append(page.firstSeq());
    text.append(",\"head\":{\"seq\":").append(page.head().seq());
    text.append(",\"no\":").append(page.head().no());
    text.append("},\"entries\":[");
    out.writeBytes(text.toString().getBytes(StandardCharsets.ISO_8859_1));
    for (int i = 0; i < entries.size(); i++) {
      if (i > 0) {
        out.write(',');
      }
      out.writeBytes(entries.get(i));
    }
    text.setLength(0);
    text.append("],\"next\":");
    long after = page.fromSeq() + entries.size();
    appendCursor(text, !entries.isEmpty() && after <= page.head().seq(), page, true, after);
    text.append(",\"prev\":");
    appendCursor(
        text, !entries.isEmpty() && page.fromSeq() > page.firstSeq(), page, false, page.fromSeq());
    out.writeBytes(text.append('}').toString().getBytes(StandardCharsets.ISO_8859_1));
    return out.toByteArray();
  }

  /** Changes whenever the page would: by the revision of what was read, and by the range. */
  static String etag(HistoryPage page) {
    return "\"" + page.revision() + '-' + page.fromSeq() + '-' + page.entries().size() + '"';
  }

  private static void appendCursor(
      StringBuilder text, boolean more, HistoryPage page, boolean forward, long seq) {
    if (more) {
      text.append('"').append(new EntryCursor(page.group(), forward, seq).text()).append('"');
    } else {
      text.append("null");
    }
  }
}
