package org.plenum.reader;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.plenum.group.api.Actor;
import org.plenum.group.api.GroupEvent;
import org.plenum.group.api.GroupId;
import org.plenum.group.api.GroupState;
import org.plenum.group.api.GroupStatus;
import org.plenum.group.api.GroupType;
import org.plenum.group.api.MemberStatus;
import org.plenum.group.api.Membership;
import org.plenum.group.api.PostingRule;
import org.plenum.group.api.Role;
import org.plenum.reader.ReaderStore.StoredEntry;

/**
 * The encoding of values in the cache of the room and in snapshots. Big endian: magic {@code 0x50},
 * version 1, the code of the {@link RoomKind}, the revision (8 bytes), then the fields in order.
 * Texts are a length (4 bytes, -1 for null) and UTF-8; instants are milliseconds; enum constants
 * are their names, so that a new constant needs no new version.
 *
 * <p>A segment is: group id, index, the number of entries n, a table of n offsets into what follows
 * (4 bytes each; equal offsets mean an entry that is no longer kept), the total length, the entries
 * one after the other, then the number of edits and for each its place and the sequence it edits.
 *
 * <p>What cannot be read (another version, a truncated value) is {@link IllegalArgumentException}:
 * the caller treats it as a miss, so versions can be mixed in one cluster. Stateless.
 */
final class RoomCodec {
  private static final int MAGIC = 0x50;
  private static final int VERSION = 1;

  private RoomCodec() {}

  static String key(GroupId group) {
    return group.toString();
  }

  static String key(SegmentKey segment) {
    return segment.group() + ":" + segment.index();
  }

  static String key(long account) {
    return Long.toString(account);
  }

  static byte[] encode(GroupState group, long revision) {
    return write(
        RoomKind.GROUP,
        revision,
        out -> {
          id(out, group.id());
          out.writeUTF(group.settings().type().name());
          text(out, group.settings().name());
          text(out, group.settings().topic());
          out.writeUTF(group.settings().postingRule().name());
          out.writeInt(group.settings().retentionDays());
          text(out, group.key());
          out.writeUTF(group.status().name());
          out.writeLong(group.ownerId());
          out.writeInt(group.memberCount());
          out.writeLong(group.headSeq());
          out.writeLong(group.headNo());
          out.writeLong(group.firstSeq());
          out.writeLong(group.createdAt().toEpochMilli());
        });
  }

  static GroupReplica group(byte[] value, long atLeast) {
    return read(
        value,
        RoomKind.GROUP,
        (in, revision) -> {
          GroupId id = id(in);
          GroupEvent.Settings settings =
              new GroupEvent.Settings(
                  GroupType.valueOf(in.readUTF()),
                  some(in),
                  some(in),
                  PostingRule.valueOf(in.readUTF()),
                  in.readInt());
          GroupState state =
              new GroupState(
                  id,
                  settings,
                  text(in),
                  GroupStatus.valueOf(in.readUTF()),
                  in.readLong(),
                  in.readInt(),
                  in.readLong(),
                  in.readLong(),
                  in.readLong(),
                  Instant.ofEpochMilli(in.readLong()));
          return new GroupReplica(state, Math.max(revision, atLeast));
        });
  }

  static byte[] encode(long account, Collection<Membership> memberships, long revision) {
    List<Membership> sorted = new ArrayList<>(memberships);
    sorted.sort(Comparator.comparing(Membership::group));
    return write(
        RoomKind.ACCOUNT,
        revision,
        out -> {
          out.writeLong(account);
          out.writeInt(sorted.size());
          for (Membership membership : sorted) {
            id(out, membership.group());
            text(out, membership.account().name());
            out.writeUTF(membership.status().name());
            out.writeUTF(membership.role().name());
            Instant muted = membership.mutedUntil();
            out.writeLong(muted == null ? Long.MIN_VALUE : muted.toEpochMilli());
            out.writeLong(membership.since().toEpochMilli());
            out.writeLong(membership.readSeq());
            out.writeLong(membership.readNo());
          }
        });
  }

  static AccountReplica account(byte[] value, long atLeast) {
    return read(
        value,
        RoomKind.ACCOUNT,
        (in, revision) -> {
          long account = in.readLong();
          int count = in.readInt();
          List<Membership> memberships = new ArrayList<>();
          for (int i = 0; i < count; i++) {
            memberships.add(membership(in, account));
          }
          return new AccountReplica(account, memberships, Math.max(revision, atLeast));
        });
  }

  private static Membership membership(DataInputStream in, long account) throws IOException {
    GroupId group = id(in);
    Actor actor = new Actor(account, some(in));
    MemberStatus status = MemberStatus.valueOf(in.readUTF());
    Role role = Role.valueOf(in.readUTF());
    long muted = in.readLong();
    return new Membership(
        group,
        actor,
        status,
        role,
        muted == Long.MIN_VALUE ? null : Instant.ofEpochMilli(muted),
        Instant.ofEpochMilli(in.readLong()),
        in.readLong(),
        in.readLong());
  }

  /**
   * Encodes a segment.
   *
   * @param entries from the first sequence of the segment on; null where nothing is kept
   * @param editOf for each entry the message it edits, or 0
   */
  static byte[] encode(
      SegmentKey key, List<byte @Nullable []> entries, long[] editOf, long revision) {
    return write(
        RoomKind.SEGMENT,
        revision,
        out -> {
          id(out, key.group());
          out.writeLong(key.index());
          out.writeInt(entries.size());
          int offset = 0;
          int edits = 0;
          for (int i = 0; i < entries.size(); i++) {
            byte[] entry = entries.get(i);
            out.writeInt(offset);
            offset += entry == null ? 0 : entry.length;
            edits += editOf[i] == 0 ? 0 : 1;
          }
          out.writeInt(offset);
          for (byte[] entry : entries) {
            if (entry != null) {
              out.write(entry);
            }
          }
          out.writeInt(edits);
          for (int i = 0; i < entries.size(); i++) {
            if (editOf[i] != 0) {
              out.writeByte(i);
              out.writeLong(editOf[i]);
            }
          }
        });
  }

  static Segment segment(byte[] value, long atLeast) {
    return read(
        value,
        RoomKind.SEGMENT,
        (in, revision) -> {
          SegmentKey key = new SegmentKey(id(in), in.readLong());
          int count = in.readInt();
          if (count < 0 || count > SegmentKey.ENTRIES) {
            throw new IllegalArgumentException("a segment of " + count + " entries");
          }
          int[] offsets = new int[count + 1];
          for (int i = 0; i <= count; i++) {
            offsets[i] = in.readInt();
          }
          List<byte[]> entries = new ArrayList<>(count);
          for (int i = 0; i < count; i++) {
            entries.add(exactly(in, offsets[i + 1] - offsets[i]));
          }
          long[] editOf = new long[count];
          for (int edits = in.readInt(); edits > 0; edits--) {
            editOf[in.readUnsignedByte()] = in.readLong();
          }
          List<StoredEntry> stored = new ArrayList<>(count);
          for (int i = 0; i < count; i++) {
            stored.add(new StoredEntry(key.first() + i, editOf[i], entries.get(i)));
          }
          return Segment.of(key, stored, Math.max(revision, atLeast));
        });
  }

  private interface Fields {
    void write(DataOutputStream out) throws IOException;
  }

  private interface Reader<T> {
    T read(DataInputStream in, long revision) throws IOException;
  }

  private static byte[] write(RoomKind kind, long revision, Fields fields) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(256);
    try (DataOutputStream out = new DataOutputStream(bytes)) {
      out.writeByte(MAGIC);
      out.writeByte(VERSION);
      out.writeByte(kind.code());
      out.writeLong(revision);
      fields.write(out);
    } catch (IOException e) {
      throw new UncheckedIOException("memory does not fail", e);
    }
    return bytes.toByteArray();
  }

  private static <T> T read(byte[] value, RoomKind kind, Reader<T> reader) {
    try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(value))) {
      int magic = in.readUnsignedByte();
      int version = in.readUnsignedByte();
      int code = in.readUnsignedByte();
      if (magic != MAGIC || version != VERSION || code != kind.code()) {
        throw new IllegalArgumentException(
            "no value of ours: " + magic + " " + version + " " + code);
      }
      T read = reader.read(in, in.readLong());
      if (in.read() >= 0) {
        throw new IllegalArgumentException("bytes after the end of a value");
      }
      return read;
    } catch (IOException | IndexOutOfBoundsException e) {
      throw new IllegalArgumentException("a damaged value", e);
    }
  }

  private static void id(DataOutputStream out, GroupId id) throws IOException {
    out.writeLong(id.value().getMostSignificantBits());
    out.writeLong(id.value().getLeastSignificantBits());
  }

  private static GroupId id(DataInputStream in) throws IOException {
    return new GroupId(new UUID(in.readLong(), in.readLong()));
  }

  private static void text(DataOutputStream out, @Nullable String text) throws IOException {
    if (text == null) {
      out.writeInt(-1);
      return;
    }
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    out.writeInt(bytes.length);
    out.write(bytes);
  }

  private static @Nullable String text(DataInputStream in) throws IOException {
    int length = in.readInt();
    return length == -1 ? null : new String(exactly(in, length), StandardCharsets.UTF_8);
  }

  private static String some(DataInputStream in) throws IOException {
    String text = text(in);
    if (text == null) {
      throw new IllegalArgumentException("a text is missing");
    }
    return text;
  }

  private static byte[] exactly(DataInputStream in, int length) throws IOException {
    // Never allocate what a damaged length asks for.
    if (length < 0 || length > in.available()) {
      throw new IllegalArgumentException("a length of " + length + " in a damaged value");
    }
    return in.readNBytes(length);
  }
}
