package org.plenum.web.push;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.plenum.web.push.ClientFrames.BINARY;
import static org.plenum.web.push.ClientFrames.CLOSE;
import static org.plenum.web.push.ClientFrames.CONTINUATION;
import static org.plenum.web.push.ClientFrames.PING;
import static org.plenum.web.push.ClientFrames.PONG;
import static org.plenum.web.push.ClientFrames.TEXT;
import static org.plenum.web.push.ClientFrames.frame;
import static org.plenum.web.push.ClientFrames.join;
import static org.plenum.web.push.ClientFrames.text;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class FrameDecoderTest {
  private static final int LIMIT = 70_000;

  private final List<String> events = new ArrayList<>();
  private final FrameDecoder decoder = new FrameDecoder(LIMIT);
  private final FrameDecoder.Events recorder =
      new FrameDecoder.Events() {
        @Override
        public void onText(byte[] utf8, int length) {
          events.add("text " + new String(utf8, 0, length, UTF_8));
        }

        @Override
        public void onBinary() throws ProtocolViolation {
          throw new ProtocolViolation(CloseCode.UNSUPPORTED_DATA, "text only");
        }

        @Override
        public void onPing(byte[] payload) {
          events.add("ping " + new String(payload, UTF_8));
        }

        @Override
        public void onPong() {
          events.add("pong");
        }

        @Override
        public void onClose(int code) {
          events.add("close " + code);
        }
      };

  static Stream<Arguments> goodInput() {
    byte[] euro = "€".getBytes(UTF_8);
    return Stream.of(
        Arguments.of(text("hello"), List.of("text hello")),
        Arguments.of(text(""), List.of("text ")),
        Arguments.of(join(text("a"), text("b")), List.of("text a", "text b")),
        Arguments.of(text("x".repeat(125)), List.of("text " + "x".repeat(125))),
        Arguments.of(text("x".repeat(126)), List.of("text " + "x".repeat(126))),
        Arguments.of(text("x".repeat(65_536)), List.of("text " + "x".repeat(65_536))),
        Arguments.of(
            join(
                frame(false, TEXT, "fr".getBytes(UTF_8)),
                frame(false, CONTINUATION, "ag".getBytes(UTF_8)),
                frame(true, CONTINUATION, "ment".getBytes(UTF_8))),
            List.of("text fragment")),
        Arguments.of(
            join(
                frame(false, TEXT, "a".getBytes(UTF_8)),
                frame(true, PING, "p".getBytes(UTF_8)),
                frame(true, CONTINUATION, "b".getBytes(UTF_8))),
            List.of("ping p", "text ab")),
        Arguments.of(
            join(
                frame(false, TEXT, new byte[] {euro[0]}),
                frame(false, CONTINUATION, new byte[] {euro[1]}),
                frame(true, CONTINUATION, new byte[] {euro[2]})),
            List.of("text €")),
        Arguments.of(
            join(frame(false, TEXT, new byte[0]), frame(true, CONTINUATION, new byte[0])),
            List.of("text ")),
        Arguments.of(frame(true, PONG, new byte[0]), List.of("pong")),
        Arguments.of(frame(true, PING, new byte[0]), List.of("ping ")),
        Arguments.of(
            frame(true, PING, "x".repeat(125).getBytes(UTF_8)), List.of("ping " + "x".repeat(125))),
        Arguments.of(frame(true, CLOSE, new byte[0]), List.of("close 1005")),
        Arguments.of(frame(true, CLOSE, new byte[] {3, (byte) 0xE8}), List.of("close 1000")),
        Arguments.of(
            frame(true, CLOSE, new byte[] {0x0B, (byte) 0xB8, 'o', 'k'}), List.of("close 3000")),
        Arguments.of(
            join(frame(true, CLOSE, new byte[] {3, (byte) 0xE8}), text("ignored")),
            List.of("close 1000")));
  }

  @ParameterizedTest
  @MethodSource("goodInput")
  void inputIsDecodedWhole(byte[] input, List<String> expected) throws ProtocolViolation {
    decoder.feed(input, 0, input.length, recorder);
    assertThat(events).isEqualTo(expected);
    assertThat(decoder.buffered()).isZero();
  }

  @ParameterizedTest
  @MethodSource("goodInput")
  void inputIsDecodedByteByByte(byte[] input, List<String> expected) throws ProtocolViolation {
    for (int i = 0; i < input.length; i++) {
      decoder.feed(input, i, 1, recorder);
    }
    assertThat(events).isEqualTo(expected);
    assertThat(decoder.buffered()).isZero();
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 3, 5, 7, 1_000})
  void inputIsDecodedInPieces(int size) throws ProtocolViolation {
    byte[] input = join(text("one"), text("x".repeat(3_000)), frame(true, PING, new byte[] {'p'}));
    for (int at = 0; at < input.length; at += size) {
      decoder.feed(input, at, Math.min(size, input.length - at), recorder);
    }
    assertThat(events).containsExactly("text one", "text " + "x".repeat(3_000), "ping p");
  }

  static Stream<Arguments> badInput() {
    byte[] large = new byte[LIMIT + 1];
    return Stream.of(
        Arguments.of("unmasked", new byte[] {(byte) 0x81, 1, 'a'}, 1002),
        Arguments.of("reserved bit 1", frame(0xC1, new byte[] {'a'}), 1002),
        Arguments.of("reserved bit 2", frame(0xA1, new byte[] {'a'}), 1002),
        Arguments.of("reserved bit 3", frame(0x91, new byte[] {'a'}), 1002),
        Arguments.of("reserved data opcode", frame(0x83, new byte[] {'a'}), 1002),
        Arguments.of("reserved control opcode", frame(0x8B, new byte[] {'a'}), 1002),
        Arguments.of("fragmented ping", frame(false, PING, new byte[0]), 1002),
        Arguments.of("long ping", frame(true, PING, new byte[126]), 1002),
        Arguments.of("continuation of nothing", frame(true, CONTINUATION, new byte[1]), 1002),
        Arguments.of(
            "new message in a fragmented one",
            join(frame(false, TEXT, new byte[0]), text("a")),
            1002),
        Arguments.of("close status cut off", frame(true, CLOSE, new byte[] {3}), 1002),
        Arguments.of("close status 1005", frame(true, CLOSE, new byte[] {3, (byte) 0xED}), 1002),
        Arguments.of("close status 999", frame(true, CLOSE, new byte[] {3, (byte) 0xE7}), 1002),
        Arguments.of(
            "close reason not UTF-8",
            frame(true, CLOSE, new byte[] {3, (byte) 0xE8, (byte) 0xFF}),
            1007),
        Arguments.of(
            "length 126 for 1", new byte[] {(byte) 0x81, (byte) 0xFE, 0, 1, 0, 0, 0, 0, 'a'}, 1002),
        Arguments.of(
            "negative length",
            new byte[] {(byte) 0x81, (byte) 0xFF, (byte) 0x80, 0, 0, 0, 0, 0, 0, 1},
            1002),
        Arguments.of("lone continuation byte", frame(true, TEXT, new byte[] {(byte) 0x80}), 1007),
        Arguments.of(
            "overlong slash", frame(true, TEXT, new byte[] {(byte) 0xC0, (byte) 0xAF}), 1007),
        Arguments.of(
            "surrogate",
            frame(true, TEXT, new byte[] {(byte) 0xED, (byte) 0xA0, (byte) 0x80}),
            1007),
        Arguments.of(
            "beyond Unicode",
            frame(true, TEXT, new byte[] {(byte) 0xF4, (byte) 0x90, (byte) 0x80, (byte) 0x80}),
            1007),
        Arguments.of(
            "cut off at the end of the message",
            join(
                frame(false, TEXT, new byte[] {(byte) 0xE2}),
                frame(true, CONTINUATION, new byte[] {(byte) 0x82})),
            1007),
        Arguments.of("binary", frame(true, BINARY, new byte[1]), 1003),
        Arguments.of("too large", frame(true, TEXT, large), 1009),
        Arguments.of(
            "too large in fragments",
            join(frame(false, TEXT, new byte[LIMIT]), frame(true, CONTINUATION, new byte[1])),
            1009));
  }

  @ParameterizedTest(name = "{0} closes with {2}")
  @MethodSource("badInput")
  void badInputEndsTheConnection(String name, byte[] input, int code) {
    ProtocolViolation violation =
        catchThrowableOfType(
            ProtocolViolation.class, () -> decoder.feed(input, 0, input.length, recorder));
    assertThat(violation).as(name).isNotNull();
    assertThat(violation.closeCode()).isEqualTo(code);
    assertThat(events).isEmpty();
  }

  @Test
  void anOversizedFrameIsRefusedByItsHeaderAlone() {
    byte[] header = {(byte) 0x81, (byte) 0xFF, 0, 0, 0, 1, 0, 0, 0, 0};
    ProtocolViolation violation =
        catchThrowableOfType(
            ProtocolViolation.class, () -> decoder.feed(header, 0, header.length, recorder));
    assertThat(violation.closeCode()).isEqualTo(CloseCode.TOO_LARGE);
    assertThat(decoder.buffered()).isZero();
  }

  @Test
  void anAnnouncedLengthTakesNoMemoryBeforeItsBytesCome() throws ProtocolViolation {
    byte[] start = frame(true, TEXT, new byte[60_000]);
    decoder.feed(start, 0, 20, recorder);
    assertThat(decoder.buffered()).isLessThan(100);
  }
}
