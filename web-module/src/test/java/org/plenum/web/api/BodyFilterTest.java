package org.plenum.web.api;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class BodyFilterTest {
  private static boolean sound(byte[] body) {
    try {
      BodyFilter.check(body);
      return true;
    } catch (CharacterCodingException e) {
      return false;
    }
  }

  private static boolean soundAsAWhole(byte[] body) {
    try {
      return UTF_8.newDecoder().decode(ByteBuffer.wrap(body)).limit() >= 0;
    } catch (CharacterCodingException e) {
      return false;
    }
  }

  @Test
  void charactersThatLieAcrossTwoPiecesAreSound() {
    for (String character : new String[] {"a", "\u00e9", "\u20ac", "\ud83d\ude00"}) {
      for (int before = 8_180; before < 8_200; before++) {
        byte[] body = ("x".repeat(before) + character.repeat(9_000)).getBytes(UTF_8);
        assertThat(sound(body)).as("%s behind %d", character, before).isTrue();
        byte[] cut = Arrays.copyOf(body, body.length - 1);
        assertThat(sound(cut)).as("%s cut", character).isEqualTo(character.equals("a"));
      }
    }
    assertThat(sound(new byte[0])).isTrue();
  }

  @Test
  void brokenBytesAnywhereAreFoundAsInTheWhole() {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    byte[] text = "a\u00e9\u20ac\ud83d\ude00".repeat(4_000).getBytes(UTF_8);
    for (int i = 0; i < 500; i++) {
      byte[] body = text.clone();
      body[random.nextInt(body.length)] = (byte) random.nextInt();
      assertThat(sound(body)).as("seed %d, round %d", seed, i).isEqualTo(soundAsAWhole(body));
    }
  }
}
