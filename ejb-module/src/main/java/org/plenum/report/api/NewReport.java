package org.plenum.report.api;

import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.plenum.platform.Ids;

/**
 * A report on its way in (RPT-1). Source and key identify it for ever: of several reports with the
 * same two, the first one counts and the others have no effect, whatever is in them. Reports of one
 * source take effect in the order in which they were submitted.
 *
 * @param source who reports: {@code account/ada}, {@code jms/erp}, {@code
 *     xmpp/chat.example/archive}
 * @param key names the report within its source: the producer's business key, the id in an archive
 * @param kind what is reported: {@code state}, {@code delivery}, or a word of the producer's
 * @param user the account it is about, null when it is about none
 * @param device which of the user's devices, null when that makes no difference
 * @param occurredAt when it happened, by the clock of the producer
 * @param body the content: one JSON object
 * @param receivedVia the way it came
 * @param position where the intake is to go on in its source when this report has taken effect;
 *     null when the source is not one that can be read again
 */
public record NewReport(
    String source,
    String key,
    String kind,
    @Nullable String user,
    @Nullable String device,
    Instant occurredAt,
    String body,
    ReportChannel receivedVia,
    @Nullable String position) {
  private static final String NAMESPACE = "report";

  /** The identity of the report everywhere behind the intakes. */
  public UUID id() {
    return Ids.ofName(NAMESPACE, source + '\n' + key);
  }

  /** The same with a position. */
  public NewReport at(String place) {
    return new NewReport(source, key, kind, user, device, occurredAt, body, receivedVia, place);
  }
}
