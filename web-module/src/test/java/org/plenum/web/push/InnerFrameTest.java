package org.plenum.web.push;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.plenum.web.push.InnerFrame.Relayed;

/** What is read back of a node's frames. */
class InnerFrameTest {
  private static final String TRICKY =
      "{\"sequence\":7,\"id\":\"i\",\"source\":\"]}\\\"\u00e9\ud83d\ude00\",\"body\":{\"sequence\":99,"
          + "\"list\":[[{\"a\":\"}\"}],1e3],\"text\":\"\\u007d\"}}";

  @Test
  void reportsAreCutOutAsTheTextThatTheyAre() throws IOException {
    String second = "{\"body\":{},\"sequence\":8}";
    assertThat(
            InnerFrame.parse(
                "{\"type\":\"reports\",\"new\":[1],\"attempt\":3,\"reports\":["
                    + TRICKY
                    + ", "
                    + second
                    + "]}"))
        .isEqualTo(
            new InnerFrame.Reports(
                java.util.List.of(new Relayed(7, 3, TRICKY), new Relayed(8, 1, second))));
  }

  @Test
  void aLongFrameIsCutAtTheSamePlaces() throws IOException {
    String report = "{\"sequence\":5,\"body\":\"" + "\u00e9".repeat(50_000) + "\"}";
    InnerFrame frame =
        InnerFrame.parse(
            "{\"type\":\"reports\",\"reports\":[" + report + "," + report + "," + report + "]}");
    assertThat(((InnerFrame.Reports) frame).reports())
        .hasSize(3)
        .allSatisfy(each -> assertThat(each.json()).isEqualTo(report));
  }

  @Test
  void theOtherFrames() throws IOException {
    assertThat(InnerFrame.parse("{\"type\":\"welcome\",\"group\":\"g\",\"acked\":12}"))
        .isEqualTo(new InnerFrame.Welcome(12));
    assertThat(InnerFrame.parse("{\"type\":\"rejected\",\"sequence\":3}"))
        .isEqualTo(new InnerFrame.Rejected(3));
    assertThat(InnerFrame.parse("{\"type\":\"bye\",\"code\":\"C\",\"detail\":\"d\"}"))
        .isEqualTo(new InnerFrame.Bye("C", "d"));
    assertThat(InnerFrame.parse("{\"type\":\"error\",\"code\":\"C\",\"detail\":\"d\"}"))
        .isEqualTo(new InnerFrame.Refused("C", "d"));
    assertThat(InnerFrame.parse("{\"type\":\"pong\"}")).isEqualTo(new InnerFrame.Other());
  }

  @Test
  void whatIsNoFrameIsAnError() {
    assertThatThrownBy(() -> InnerFrame.parse("[]")).isInstanceOf(IOException.class);
    assertThatThrownBy(() -> InnerFrame.parse("{\"type\":\"reports\",\"reports\":[{\"id\":1}]}"))
        .isInstanceOf(IOException.class);
    assertThatThrownBy(() -> InnerFrame.parse("{\"type\":\"reports\",\"reports\":[{\"sequ"))
        .isInstanceOf(IOException.class);
  }
}
