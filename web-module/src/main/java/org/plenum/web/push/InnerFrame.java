package org.plenum.web.push;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * What another node says on an inner stream: the frames of {@link ReportStream}, read back. Reports
 * are cut out as the text that they are, never read. Immutable.
 */
sealed interface InnerFrame {
  /** The group is there. */
  record Welcome(long acked) implements InnerFrame {}

  /** Reports in order; the attempt is that of the first. */
  record Reports(List<Relayed> reports) implements InnerFrame {}

  /** The rejection counts. */
  record Rejected(long sequence) implements InnerFrame {}

  /** A frame of ours had no effect. */
  record Refused(String code, String detail) implements InnerFrame {}

  /** The stream ends. */
  record Bye(String code, String detail) implements InnerFrame {}

  /** Anything else: it says that the node is alive. */
  record Other() implements InnerFrame {}

  /** A report as the other node wrote it. */
  record Relayed(long sequence, int attempt, String json) implements ReportSource.Taken {
    @Override
    public void appendTo(StringBuilder text) {
      text.append(json);
    }
  }

  /** Bodies are passed over, whatever an intake let through: the bound is that of a message. */
  JsonFactory JSON =
      JsonFactory.builder()
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNestingDepth(PeerConnection.MAX_MESSAGE)
                  .maxNumberLength(PeerConnection.MAX_MESSAGE)
                  .maxStringLength(PeerConnection.MAX_MESSAGE)
                  .maxNameLength(PeerConnection.MAX_MESSAGE)
                  .build())
          .build();

  /**
   * Reads a frame.
   *
   * @throws IOException when it is none
   */
  static InnerFrame parse(String text) throws IOException {
    String type = "";
    String code = "";
    String detail = "";
    long acked = -1;
    long sequence = -1;
    int attempt = 1;
    List<Relayed> reports = List.of();
    try (JsonParser parser = JSON.createParser(text)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        throw new IOException("a frame is a JSON object");
      }
      while (parser.nextToken() == JsonToken.FIELD_NAME) {
        String name = parser.currentName();
        parser.nextToken();
        switch (name) {
          case "type" -> type = parser.getText();
          case "code" -> code = parser.getText();
          case "detail" -> detail = parser.getText();
          case "acked" -> acked = parser.getLongValue();
          case "sequence" -> sequence = parser.getLongValue();
          case "attempt" -> attempt = parser.getIntValue();
          case "reports" -> reports = reports(parser, text, attempt);
          default -> parser.skipChildren();
        }
      }
    }
    return switch (type) {
      case "welcome" -> new Welcome(acked);
      case "reports" -> new Reports(reports);
      case "rejected" -> new Rejected(sequence);
      case "error" -> new Refused(code, detail);
      case "bye" -> new Bye(code, detail);
      default -> new Other();
    };
  }

  private static List<Relayed> reports(JsonParser parser, String text, int attempt)
      throws IOException {
    if (parser.currentToken() != JsonToken.START_ARRAY) {
      throw new IOException("reports are an array");
    }
    List<Relayed> reports = new ArrayList<>();
    while (parser.nextToken() == JsonToken.START_OBJECT) {
      int from = (int) parser.currentTokenLocation().getCharOffset();
      long sequence = -1;
      while (parser.nextToken() == JsonToken.FIELD_NAME) {
        boolean wanted = parser.currentName().equals("sequence");
        parser.nextToken();
        if (wanted) {
          sequence = parser.getLongValue();
        } else {
          parser.skipChildren();
        }
      }
      if (parser.currentToken() != JsonToken.END_OBJECT || sequence < 0) {
        throw new IOException("a report without its sequence");
      }
      int to = (int) parser.currentTokenLocation().getCharOffset() + 1;
      reports.add(new Relayed(sequence, reports.isEmpty() ? attempt : 1, text.substring(from, to)));
    }
    if (parser.currentToken() != JsonToken.END_ARRAY) {
      throw new IOException("the array of reports does not end");
    }
    return reports;
  }
}
