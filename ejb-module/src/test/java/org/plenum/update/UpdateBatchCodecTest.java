package org.plenum.update;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.plenum.group.api.EntryKind;
import org.plenum.group.api.GroupId;
import org.plenum.platform.ErrorCode;
import org.plenum.platform.ServiceException;

class UpdateBatchCodecTest {
  /** Version 1 as it was first sent: stays readable for ever. */
  private static final String GOLDEN_V1 =
      "504c55420100000001000000000000000900000000000000020192f3a4b5c67d8e8f90a1b2c3d4e5f6"
          + "00000000000000391e000000000000000700000000000000000000000000000000000000000000001f"
          + "0000000d7b2274657874223a22c3a9227da2476c85";

  private static final Update UPDATE =
      new Update(
          9,
          2,
          new GroupId(UUID.fromString("0192f3a4-b5c6-7d8e-8f90-a1b2c3d4e5f6")),
          57,
          EntryKind.MESSAGE_POSTED,
          7,
          0,
          0,
          31,
          "{\"text\":\"é\"}".getBytes(UTF_8));

  @Test
  void aBatchComesBackAsItWas() {
    List<Update> batch =
        List.of(
            UPDATE,
            new Update(
                10,
                2,
                UPDATE.group(),
                0,
                EntryKind.READ_MARKED,
                Long.MAX_VALUE,
                -1,
                40,
                31,
                new byte[0]));

    List<Update> decoded = UpdateBatchCodec.decode(UpdateBatchCodec.encode(batch));

    assertThat(decoded).usingRecursiveFieldByFieldElementComparator().isEqualTo(batch);
  }

  @Test
  void everyKindOfEntryTravels() {
    for (EntryKind kind : EntryKind.values()) {
      Update update = new Update(1, 1, UPDATE.group(), 1, kind, 1, 1, 1, 1, new byte[] {'{', '}'});
      assertThat(
              UpdateBatchCodec.decode(UpdateBatchCodec.encode(List.of(update))).getFirst().kind())
          .isEqualTo(kind);
    }
  }

  @Test
  void versionOneIsWrittenAsItAlwaysWas() {
    assertThat(HexFormat.of().formatHex(UpdateBatchCodec.encode(List.of(UPDATE))))
        .isEqualTo(GOLDEN_V1);
  }

  @Test
  void versionOneStaysReadable() {
    assertThat(UpdateBatchCodec.decode(HexFormat.of().parseHex(GOLDEN_V1)))
        .usingRecursiveFieldByFieldElementComparator()
        .containsExactly(UPDATE);
  }

  @Test
  void everyFlippedBitIsNoticed() {
    byte[] intact = UpdateBatchCodec.encode(List.of(UPDATE));
    for (int bit = 0; bit < intact.length * 8; bit++) {
      byte[] damaged = intact.clone();
      damaged[bit / 8] ^= (byte) (1 << (bit % 8));
      assertRefused(damaged);
    }
  }

  @Test
  void everyCutIsNoticed() {
    byte[] intact = UpdateBatchCodec.encode(List.of(UPDATE, UPDATE));
    for (int length = 0; length < intact.length; length++) {
      assertRefused(Arrays.copyOf(intact, length));
    }
  }

  @Test
  void noiseIsRefusedAndNothingElseHappens() {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    List<byte[]> survivors = new ArrayList<>();
    for (int i = 0; i < 2_000; i++) {
      byte[] noise = new byte[random.nextInt(300)];
      random.nextBytes(noise);
      try {
        UpdateBatchCodec.decode(noise);
        survivors.add(noise);
      } catch (ServiceException expected) {
        assertThat(expected.code()).isEqualTo(ErrorCode.MALFORMED_REQUEST);
      }
    }
    assertThat(survivors).as("seed %d", seed).isEmpty();
  }

  private static void assertRefused(byte[] bytes) {
    assertThatThrownBy(() -> UpdateBatchCodec.decode(bytes))
        .isInstanceOfSatisfying(
            ServiceException.class,
            e -> assertThat(e.code()).isEqualTo(ErrorCode.MALFORMED_REQUEST));
  }
}
