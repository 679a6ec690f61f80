package org.plenum.report;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.time.Duration;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.plenum.group.api.GroupId;
import org.plenum.platform.ErrorCode;
import org.plenum.platform.ServiceException;
import org.plenum.report.api.NewReport;
import org.plenum.report.api.UserState;

/**
 * What a report changes beside being stored; two kinds of reports do, all others change nothing.
 */
sealed interface ReportEffect {
  /** The kind of {@link Confirmation}: {@code {"state":"online","seconds":90}}. */
  String STATE = "state";

  /** The kind of {@link Delivered}: {@code {"group":"<id>","seq":57}}. */
  String DELIVERY = "delivery";

  /**
   * A client confirms that its messaging service is online, or not.
   *
   * @param device empty when the report names none
   * @param holds for how long after it was received; null for the configured time
   */
  record Confirmation(String user, String device, UserState state, @Nullable Duration holds)
      implements ReportEffect {}

  /** A client confirms that it has got the messages of a group up to this sequence. */
  record Delivered(String user, UUID group, long seq) implements ReportEffect {}

  /** Nothing. */
  record None() implements ReportEffect {}

  /**
   * The effect of a report.
   *
   * @throws ServiceException INVALID_VALUE when the body is not what its kind asks for
   */
  static ReportEffect of(NewReport report) {
    return switch (report.kind()) {
      case STATE -> confirmation(report);
      case DELIVERY -> delivered(report);
      default -> new None();
    };
  }

  private static ReportEffect confirmation(NewReport report) {
    String user = user(report);
    Body body = Body.of(report.body());
    UserState state =
        UserState.ofWord(body.state == null ? "" : body.state)
            .orElseThrow(() -> invalid("state must be online, away or offline"));
    Long seconds = body.seconds;
    if (seconds != null && seconds < 1) {
      throw invalid("seconds must be at least 1");
    }
    String device = report.device();
    return new Confirmation(
        user,
        device == null ? "" : device,
        state,
        seconds == null ? null : Duration.ofSeconds(seconds));
  }

  private static ReportEffect delivered(NewReport report) {
    String user = user(report);
    Body body = Body.of(report.body());
    Long seq = body.seq;
    if (body.group == null || seq == null || seq < 1) {
      throw invalid("group and seq are needed");
    }
    try {
      return new Delivered(user, GroupId.parse(body.group).value(), seq);
    } catch (ServiceException e) {
      throw new ServiceException(
          ErrorCode.INVALID_VALUE, "the body's group is not a group id", null, e);
    }
  }

  private static String user(NewReport report) {
    String user = report.user();
    if (user == null) {
      throw new ServiceException(
          ErrorCode.INVALID_VALUE, "a report of the kind " + report.kind() + " names a user");
    }
    return user;
  }

  private static ServiceException invalid(String what) {
    return new ServiceException(ErrorCode.INVALID_VALUE, "in the body, " + what);
  }

  /** The fields that count; others are the producer's own. */
  final class Body {
    private static final JsonFactory JSON = new JsonFactory();
    private static final long LONGEST_SECONDS = 1_000_000_000L;

    private @Nullable String state;
    private @Nullable String group;
    private @Nullable Long seconds;
    private @Nullable Long seq;

    private Body() {}

    static Body of(String json) {
      Body body = new Body();
      try (JsonParser parser = JSON.createParser(json)) {
        parser.nextToken();
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
          String name = parser.currentName();
          parser.nextToken();
          body.take(name, parser);
        }
        return body;
      } catch (IOException e) {
        throw new ServiceException(ErrorCode.INVALID_VALUE, "the body is not valid JSON", null, e);
      }
    }

    private void take(String name, JsonParser parser) throws IOException {
      switch (name) {
        case "state" -> state = parser.getText();
        case "group" -> group = parser.getText();
        case "seconds" -> seconds = Math.min(number(name, parser), LONGEST_SECONDS);
        case "seq" -> seq = number(name, parser);
        default -> parser.skipChildren();
      }
    }

    private static long number(String name, JsonParser parser) throws IOException {
      if (parser.currentToken() != JsonToken.VALUE_NUMBER_INT
          || parser.getNumberType() == JsonParser.NumberType.BIG_INTEGER) {
        throw invalid(name + " must be a whole number");
      }
      return parser.getLongValue();
    }
  }
}
