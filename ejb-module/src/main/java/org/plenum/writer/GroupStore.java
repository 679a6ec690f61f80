package org.plenum.writer;

import java.time.Instant;
import java.util.Collection;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.plenum.group.api.GroupId;
import org.plenum.group.api.GroupState;
import org.plenum.group.api.Membership;
import org.plenum.group.domain.MessageFacts;
import org.plenum.writer.WriteBatch.MemberKey;

/**
 * The writer's database. Every method throws {@link StoreException}. Used by the writer's thread
 * only.
 */
interface GroupStore {
  /** Place of a message. */
  record EntryKey(GroupId group, long seq) {}

  /** An earlier write under a client id. */
  record Earlier(GroupId group, long seq, long no, Instant at, long requestHash) {}

  /** A group with messages older than its retention. */
  record Trim(GroupId group, long upTo) {}

  /**
   * Takes or keeps the lease and raises the epoch: the new epoch, which was never given before, or
   * 0 while somebody else holds it. Later calls are in the name of this holder.
   */
  long acquire(String holder, String url, int leaseSeconds);

  /**
   * Renews the lease; false when it is no longer ours, or when the database has not even this
   * revision, so that it is not the one that we wrote to.
   */
  boolean renew(long epoch, long revision, int leaseSeconds);

  /** Gives the lease back, so that the next writer need not wait. */
  void release(long epoch);

  /** Last revision of the log. */
  long lastRevision();

  Map<GroupId, GroupState> groups(Collection<GroupId> ids);

  Map<MemberKey, Membership> members(Collection<MemberKey> keys);

  Map<EntryKey, MessageFacts> messages(Collection<EntryKey> keys);

  /** Number of messages posted up to each of these entries. */
  Map<EntryKey, Long> numbers(Collection<EntryKey> keys);

  Map<UUID, Earlier> byClientIds(Collection<UUID> ids);

  /** Which of these group keys are taken. */
  Set<String> takenKeys(Collection<String> keys);

  /** The time of the database. */
  Instant now();

  /** Groups whose oldest messages are past their retention, at most {@code limit} of them. */
  Collection<Trim> trims(Instant now, int limit);

  /**
   * Writes the batch in one transaction that first renews the lease of this epoch.
   *
   * @param batch with a row at least
   * @throws StoreException FENCED when the epoch no longer holds, or the database has not what was
   *     committed before the batch
   */
  void commit(WriteBatch batch, long epoch, int leaseSeconds);

  /**
   * Deletes the oldest log rows up to the first one that is to be kept, at most {@code limit} of
   * them; the last row always stays. Rows that were written while a clock was ahead hold up
   * nothing.
   *
   * @param before rows from this instant on are kept
   * @param now rows dated after it are as old as their neighbours
   */
  int trimLog(Instant before, Instant now, int limit);
}
