package org.plenum.update;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.plenum.group.api.EntryKind;
import org.plenum.group.api.GroupId;

/**
 * One committed entry of the update log: the unit of replication and push.
 *
 * @param revision place in the one order of all updates, gapless from 1
 * @param epoch the writer's fencing epoch
 * @param seq place in the group's order, gapless from 1; 0 for READ_MARKED, which is no entry of
 *     the stream
 * @param actorId who acted
 * @param subjectId for member kinds the account concerned, else 0
 * @param target for edits and recalls the sequence of the message, for trimming the last removed
 *     one, for READ_MARKED the position, else 0
 * @param no messages posted in the group up to this entry
 * @param json the entry as JSON in UTF-8, encoded once by the writer; shared, never modified; empty
 *     when the entry is no longer kept
 */
@SuppressWarnings("ArrayRecordComponent") // shared on purpose: encoded once, copied nowhere
public record Update(
    long revision,
    long epoch,
    GroupId group,
    long seq,
    EntryKind kind,
    long actorId,
    long subjectId,
    long target,
    long no,
    byte[] json) {
  private static final byte[] EDITED = "\"editedAt\":".getBytes(StandardCharsets.UTF_8);
  private static final byte[] RECALLED = "\"recalledAt\":".getBytes(StandardCharsets.UTF_8);

  /**
   * Whether the entry is as a later update left it: edited, recalled or trimmed away before it was
   * read from the log.
   */
  public boolean changedLater() {
    // Within a text a quotation mark is escaped, so these are names of fields.
    return seq > 0 && (json.length == 0 || contains(EDITED) || contains(RECALLED));
  }

  private boolean contains(byte[] name) {
    for (int from = 0; from <= json.length - name.length; from++) {
      if (Arrays.equals(json, from, from + name.length, name, 0, name.length)) {
        return true;
      }
    }
    return false;
  }
}
