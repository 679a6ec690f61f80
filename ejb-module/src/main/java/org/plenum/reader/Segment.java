package org.plenum.reader;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;
import org.plenum.group.api.EntryKind;
import org.plenum.group.api.GroupEvent.MessageEdited;
import org.plenum.reader.ReaderStore.StoredEntry;
import org.plenum.update.Entry;
import org.plenum.update.EntryCodec;
import org.plenum.update.Update;

/**
 * A run of a group's stream, each entry as the JSON that is sent, in its current state. Read by any
 * thread; changed under the near cache's lock only.
 */
final class Segment implements CachedValue {
  private static final EntryCodec CODEC = new EntryCodec();
  private static final int OVERHEAD = 800;
  private static final int PER_ENTRY = 24;

  private final SegmentKey key;
  private final AtomicReferenceArray<byte[]> entries =
      new AtomicReferenceArray<>(SegmentKey.ENTRIES);
  // For each entry the message that it edits, or 0: a recall takes the text out of these as well.
  private final long[] editOf = new long[SegmentKey.ENTRIES];
  private volatile int count;
  private volatile long revision;
  private int bytes;

  private Segment(SegmentKey key, long revision) {
    this.key = key;
    this.revision = revision;
  }

  /**
   * A segment of what was read.
   *
   * @param stored ascending, contiguous but for entries at the start that are no longer kept
   * @throws IllegalArgumentException when an entry is missing in between
   */
  static Segment of(SegmentKey key, List<StoredEntry> stored, long revision) {
    Segment segment = new Segment(key, revision);
    for (StoredEntry entry : stored) {
      int at = (int) (entry.seq() - key.first());
      if (at < 0 || at >= SegmentKey.ENTRIES || (segment.count > 0 && at != segment.count)) {
        throw new IllegalArgumentException(
            "entry " + entry.seq() + " of group " + key.group() + " does not follow");
      }
      segment.put(at, entry.json(), entry.editOf());
      segment.count = at + 1;
    }
    return segment;
  }

  /** A segment that starts with this update. */
  static Segment startingWith(Update update) {
    Segment segment =
        new Segment(SegmentKey.of(update.group(), update.seq()), update.revision() - 1);
    if (!segment.apply(update)) {
      throw new IllegalArgumentException("no first entry of a segment: " + update.seq());
    }
    segment.revision = update.revision();
    return segment;
  }

  SegmentKey key() {
    return key;
  }

  /** The last sequence held; one before the first when there is none. */
  long lastSeq() {
    return key.first() + count - 1;
  }

  /** The entry, or null when it is not held or no longer kept. */
  byte @Nullable [] entry(long seq) {
    long at = seq - key.first();
    return at < 0 || at >= count ? null : entries.get((int) at);
  }

  /** The segment in the encoding of the room's cache; call while no update is applied. */
  byte[] encoded() {
    List<byte @Nullable []> held = new ArrayList<>(count);
    for (int at = 0; at < count; at++) {
      held.add(entries.get(at));
    }
    return RoomCodec.encode(key, held, editOf, revision);
  }

  @Override
  public long revision() {
    return revision;
  }

  @Override
  public boolean apply(Update update) {
    if (!update.group().equals(key.group()) || update.seq() == 0) {
      return true;
    }
    if (!append(update)) {
      return false;
    }
    switch (update.kind()) {
      case MESSAGE_EDITED -> edit(update);
      case MESSAGE_RECALLED -> {
        if (update.json().length == 0) {
          return false;
        }
        recall(update);
      }
      case HISTORY_TRIMMED -> {
        return trim(update.target());
      }
      default -> {
        // Nothing but an entry.
      }
    }
    return true;
  }

  private boolean append(Update update) {
    if (update.seq() < key.first() || update.seq() > key.last()) {
      return true;
    }
    int at = (int) (update.seq() - key.first());
    if (at < count) {
      return true;
    }
    if (at > count) {
      return false;
    }
    put(at, update.json(), update.kind() == EntryKind.MESSAGE_EDITED ? update.target() : 0);
    count = at + 1;
    revision = update.revision();
    return true;
  }

  private void edit(Update update) {
    byte[] old = entry(update.target());
    if (old == null || update.json().length == 0) {
      return;
    }
    Entry edit = CODEC.decode(update.json());
    if (edit.event() instanceof MessageEdited edited) {
      // Read late it may have lost its text to a recall, which then follows. It was one all the
      // same.
      replace(
          update.target(),
          edit.recalledAt() == null
              ? CODEC.edited(old, edited.text(), edit.at())
              : CODEC.editedWithoutText(old, edit.at()));
      revision = update.revision();
    }
  }

  private void recall(Update update) {
    Instant at = null;
    for (int i = 0; i < count; i++) {
      byte[] old = entries.get(i);
      if (old != null && (key.first() + i == update.target() || editOf[i] == update.target())) {
        at = at == null ? CODEC.decode(update.json()).at() : at;
        replace(key.first() + i, CODEC.recalled(old, at));
        revision = update.revision();
      }
    }
  }

  private boolean trim(long upTo) {
    if (upTo >= key.last()) {
      return false;
    }
    for (int at = 0; at < count && key.first() + at <= upTo; at++) {
      byte[] old = entries.get(at);
      if (old != null) {
        bytes -= old.length + PER_ENTRY;
        entries.set(at, null);
      }
    }
    return true;
  }

  private void put(int at, byte[] json, long edits) {
    // An entry that was trimmed before it could be read has no content: it is not kept.
    entries.set(at, json.length == 0 ? null : json);
    editOf[at] = edits;
    bytes += json.length + PER_ENTRY;
  }

  private void replace(long seq, byte[] json) {
    byte[] old = entries.getAndSet((int) (seq - key.first()), json);
    bytes += json.length - (old == null ? 0 : old.length);
  }

  @Override
  public int weight() {
    return OVERHEAD + bytes;
  }
}
