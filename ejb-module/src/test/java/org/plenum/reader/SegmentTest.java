package org.plenum.reader;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.plenum.group.api.Actor;
import org.plenum.group.api.EntryKind;
import org.plenum.group.api.GroupEvent.MessageEdited;
import org.plenum.group.api.GroupEvent.MessagePosted;
import org.plenum.group.api.GroupEvent.MessageRecalled;
import org.plenum.group.api.GroupId;
import org.plenum.update.EntryCodec;
import org.plenum.update.Update;

/** A segment that follows a message to its end, with updates as they came and as they are read. */
class SegmentTest {
  private static final EntryCodec CODEC = new EntryCodec();
  private static final GroupId GROUP = new GroupId(new UUID(1, 1));
  private static final Actor ADA = new Actor(1, "Ada");
  private static final Instant POSTED = Instant.parse("2026-11-27T20:16:48.847Z");
  private static final Instant EDITED = Instant.parse("2026-11-27T20:16:50.106Z");
  private static final Instant RECALLED = Instant.parse("2026-11-27T20:16:50.278Z");

  private final byte[] post =
      CODEC.encode(1, 1, POSTED, ADA, new UUID(2, 1), new MessagePosted("first", null));
  private final byte[] edit =
      CODEC.encode(2, 1, EDITED, ADA, new UUID(2, 2), new MessageEdited(1, "second"));
  private final byte[] recall =
      CODEC.encode(3, 1, RECALLED, ADA, new UUID(2, 3), new MessageRecalled(1));

  private static Update update(long seq, EntryKind kind, long target, byte[] json) {
    return new Update(10 + seq, 1, GROUP, seq, kind, 1, 0, target, 1, json);
  }

  private static String text(byte[] json) {
    return json == null ? "" : new String(json, UTF_8);
  }

  /** What the database holds in the end, whenever each update is read. */
  private void assertRecalled(Segment segment) {
    assertThat(text(segment.entry(1)))
        .isEqualTo(text(CODEC.recalled(CODEC.edited(post, "second", EDITED), RECALLED)));
    assertThat(text(segment.entry(2))).isEqualTo(text(CODEC.recalled(edit, RECALLED)));
    assertThat(text(segment.entry(3))).isEqualTo(text(recall));
  }

  @Test
  void followsAnEditAndARecallAsTheyCome() {
    Segment segment = Segment.startingWith(update(1, EntryKind.MESSAGE_POSTED, 0, post));
    assertThat(segment.apply(update(2, EntryKind.MESSAGE_EDITED, 1, edit))).isTrue();
    assertThat(text(segment.entry(1))).isEqualTo(text(CODEC.edited(post, "second", EDITED)));
    assertThat(segment.apply(update(3, EntryKind.MESSAGE_RECALLED, 1, recall))).isTrue();
    assertRecalled(segment);
  }

  @Test
  void anEditThatIsReadAfterItsRecallIsRememberedAsAnEdit() {
    Segment segment = Segment.startingWith(update(1, EntryKind.MESSAGE_POSTED, 0, post));
    // From the log, which has texts as they are now.
    byte[] late = CODEC.recalled(edit, RECALLED);
    assertThat(segment.apply(update(2, EntryKind.MESSAGE_EDITED, 1, late))).isTrue();
    assertThat(CODEC.decode(segment.entry(1)).event()).isEqualTo(new MessagePosted("first", null));
    assertThat(CODEC.decode(segment.entry(1)).editedAt()).isEqualTo(EDITED);
    assertThat(segment.apply(update(3, EntryKind.MESSAGE_RECALLED, 1, recall))).isTrue();
    assertRecalled(segment);
  }

  @Test
  void aMessageThatIsReadAfterItsRecallStaysAsItIs() {
    byte[] all = CODEC.recalled(CODEC.edited(post, "second", EDITED), RECALLED);
    Segment segment = Segment.startingWith(update(1, EntryKind.MESSAGE_POSTED, 0, all));
    byte[] late = CODEC.recalled(edit, RECALLED);
    assertThat(segment.apply(update(2, EntryKind.MESSAGE_EDITED, 1, late))).isTrue();
    assertThat(segment.apply(update(3, EntryKind.MESSAGE_RECALLED, 1, recall))).isTrue();
    assertRecalled(segment);
  }
}
