package org.plenum.update;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.plenum.group.api.Actor;
import org.plenum.group.api.GroupId;
import org.plenum.platform.ServiceException;

class SignalCodecTest {
  private static final List<Signal> SIGNALS =
      List.of(
          new Signal.Typing(new GroupId(new UUID(1, 2)), new Actor(3, "Ada \u00e9")),
          new Signal.AccountTouched(4));

  /** What version 1 sends, for ever. */
  private static final String GOLDEN =
      "504c5347"
          + "01"
          + "00000002"
          + "01"
          + "00000020"
          + "0000000000000001"
          + "0000000000000002"
          + "0000000000000003"
          + "0006"
          + "41646120c3a9"
          + "02"
          + "00000008"
          + "0000000000000004";

  @Test
  void signalsAreSentAsEver() {
    assertThat(HexFormat.of().formatHex(SignalCodec.encode(SIGNALS))).isEqualTo(GOLDEN);
    assertThat(SignalCodec.decode(HexFormat.of().parseHex(GOLDEN))).isEqualTo(SIGNALS);
  }

  @Test
  void kindsOfALaterVersionAreSkipped() {
    byte[] later = HexFormat.of().parseHex(GOLDEN);
    later[9] = 77;
    assertThat(SignalCodec.decode(later)).containsExactly(new Signal.AccountTouched(4));
  }

  @Test
  void whatIsNotOursIsRefused() {
    byte[] sent = SignalCodec.encode(SIGNALS);
    for (int length = 0; length < sent.length; length++) {
      byte[] cut = Arrays.copyOf(sent, length);
      assertThatThrownBy(() -> SignalCodec.decode(cut)).isInstanceOf(ServiceException.class);
    }
    byte[] many = ByteBuffer.wrap(sent.clone()).putInt(5, 1_000_000).array();
    assertThatThrownBy(() -> SignalCodec.decode(many)).isInstanceOf(ServiceException.class);
  }
}
