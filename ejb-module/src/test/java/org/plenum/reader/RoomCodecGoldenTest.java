package org.plenum.reader;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.Test;
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

/** The bytes of version 1, for ever: what is in a cache or a snapshot stays readable. */
class RoomCodecGoldenTest {
  private static final GroupId GROUP =
      new GroupId(UUID.fromString("019ac000-0000-7000-8000-000000000001"));
  private static final GroupState STATE =
      new GroupState(
          GROUP,
          new GroupEvent.Settings(GroupType.REQUEST, "Caf\u00e9", "", PostingRule.ADMINS, 30),
          "key-1",
          GroupStatus.ARCHIVED,
          7,
          3,
          57,
          31,
          2,
          Instant.parse("2026-11-22T20:51:00.123Z"));
  private static final Membership MEMBERSHIP =
      new Membership(
          GROUP,
          new Actor(9, "Grace"),
          MemberStatus.ACTIVE,
          Role.ADMIN,
          Instant.parse("2026-11-22T21:00:00Z"),
          Instant.parse("2026-11-22T20:00:00Z"),
          40,
          20);

  private static final String GROUP_BYTES =
      "50010100000000000000630"
          + "19ac0000000700080000000000000010007524551554553540000000543"
          + "6166c3a90000000000"
          + "0641444d494e530000001e000000056b65792d31000841524348495645440000"
          + "00000000000700000003000000000000003900000000000000"
          + "1f0000000000000002";

  @Test
  void aGroupOfVersionOneIsReadAndWritten() {
    byte[] bytes = RoomCodec.encode(STATE, 99);
    String hex = HexFormat.of().formatHex(bytes);
    assertThat(hex).startsWith(GROUP_BYTES);
    assertThat(hex.substring(GROUP_BYTES.length()))
        .isEqualTo(String.format("%016x", STATE.createdAt().toEpochMilli()));
    GroupReplica read = RoomCodec.group(bytes, 0);
    assertThat(read.state()).isEqualTo(STATE);
    assertThat(read.revision()).isEqualTo(99);
  }

  @Test
  void anAccountOfVersionOneIsReadAndWritten() {
    byte[] bytes = RoomCodec.encode(9, List.of(MEMBERSHIP), 98);
    assertThat(HexFormat.of().formatHex(bytes))
        .startsWith(
            "5001030000000000000062"
                + "0000000000000009"
                + "00000001"
                + "019ac000000070008000000000000001"
                + "000000054772616365"
                + "0006414354495645"
                + "000541444d494e");
    AccountReplica read = RoomCodec.account(bytes, 0);
    assertThat(read.all()).containsEntry(GROUP, MEMBERSHIP).hasSize(1);
    assertThat(read.account()).isEqualTo(9);
  }

  @Test
  void aSegmentOfVersionOneIsReadAndWritten() {
    SegmentKey key = new SegmentKey(GROUP, 2);
    byte[] bytes =
        RoomCodec.encode(
            key, Arrays.asList(null, text("{1}"), text("{22}")), new long[] {0, 0, 130}, 97);
    assertThat(HexFormat.of().formatHex(bytes))
        .isEqualTo(
            "5001020000000000000061"
                + "019ac000000070008000000000000001"
                + "0000000000000002"
                + "00000003"
                + "00000000"
                + "00000000"
                + "00000003"
                + "00000007"
                + "7b317d7b32327d"
                + "00000001"
                + "02"
                + "0000000000000082");
    Segment read = RoomCodec.segment(bytes, 0);
    assertThat(read.lastSeq()).isEqualTo(131);
    assertThat(read.entry(129)).isNull();
    assertThat(read.entry(131)).isEqualTo(text("{22}"));
    assertThat(read.encoded()).isEqualTo(bytes);
  }

  @Test
  void aValueIsAtLeastAsNewAsTheCacheItCameFrom() {
    assertThat(RoomCodec.group(RoomCodec.encode(STATE, 99), 120).revision()).isEqualTo(120);
    assertThat(RoomCodec.group(RoomCodec.encode(STATE, 99), 50).revision()).isEqualTo(99);
  }

  @Test
  void aDamagedValueIsRefusedAndNeverExhaustsTheHeap() {
    byte[] good =
        RoomCodec.encode(
            new SegmentKey(GROUP, 2), List.of(text("{1}"), text("{22}")), new long[2], 97);
    Random random = new Random(5);
    for (int length = 0; length < good.length; length++) {
      byte[] cut = Arrays.copyOf(good, length);
      assertThatIllegalArgumentException().isThrownBy(() -> RoomCodec.segment(cut, 0));
    }
    for (int i = 0; i < 2_000; i++) {
      byte[] bad = good.clone();
      bad[random.nextInt(bad.length)] ^= (byte) (1 << random.nextInt(8));
      try {
        assertThat(RoomCodec.segment(bad, 0)).isNotNull();
      } catch (IllegalArgumentException e) {
        assertThat(e).hasMessageNotContaining("null");
      }
    }
  }

  @Test
  void anotherVersionIsRefused() {
    byte[] bytes = RoomCodec.encode(STATE, 99);
    bytes[1] = 2;
    assertThatIllegalArgumentException().isThrownBy(() -> RoomCodec.group(bytes, 0));
  }

  private static byte[] text(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
