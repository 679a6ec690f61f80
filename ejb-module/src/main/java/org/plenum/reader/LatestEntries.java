package org.plenum.reader;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.plenum.group.api.GroupEvent.MessagePosted;
import org.plenum.group.api.GroupState;
import org.plenum.group.api.Latest;
import org.plenum.update.Entry;
import org.plenum.update.EntryCodec;

/**
 * The end of a group's stream as a list of groups shows it: when something happened last, and the
 * last message. It is read from the last segments, which a member is about to open anyway, so a
 * list costs no reads of its own once the groups are in memory.
 */
final class LatestEntries {
  /** Segments that are searched for the last message: a preview is not worth more. */
  private static final int SEGMENTS = 2;

  private static final EntryCodec CODEC = new EntryCodec();

  private LatestEntries() {}

  /** The end of the group as seen by this view, or null when nothing of it is kept. */
  static @Nullable Latest of(ReaderView view, GroupState group) {
    if (group.headSeq() < 1) {
      return null;
    }
    Entry last = null;
    long to = group.headSeq();
    for (int i = 0; i < SEGMENTS && to >= group.firstSeq(); i++) {
      long from = Math.max(group.firstSeq(), SegmentKey.of(group.id(), to).first());
      List<byte[]> entries = view.entries(group, from, to);
      for (int at = entries.size() - 1; at >= 0; at--) {
        Entry entry = CODEC.decode(entries.get(at));
        last = last == null ? entry : last;
        if (group.headNo() == 0) {
          return new Latest(last.at(), null);
        }
        if (entry.event() instanceof MessagePosted posted) {
          String text = entry.recalledAt() == null ? posted.text() : null;
          return new Latest(last.at(), Latest.Message.of(entry.seq(), entry.by(), text));
        }
      }
      to = from - 1;
    }
    return last == null ? null : new Latest(last.at(), null);
  }
}
