package org.plenum.report.xmpp;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A message as the archive of the XMPP server has it. What the sender wrote is taken as it is: any
 * well-formed XML can be read, nothing in it can end the connection.
 *
 * @param id its id in the archive
 * @param from address of the sender as the server vouches for it; empty when the archive has none
 * @param messageId the sender's id of the message
 * @param body text of the message
 * @param payload text of the element {@code report}, which is taken before the body
 * @param archivedAt when the server took it; null when it does not say
 * @param wantsReceipt whether the sender asked for a delivery receipt (XEP-0184)
 */
record ArchivedMessage(
    String id,
    String from,
    @Nullable String messageId,
    @Nullable String body,
    @Nullable String payload,
    @Nullable Instant archivedAt,
    boolean wantsReceipt) {

  /** Which message this is. */
  MessageToken token() {
    return MessageToken.of(id, from, messageId);
  }

  /** The JSON text of the report; null when the message is none. */
  @Nullable String text() {
    return payload == null ? body : payload;
  }

  /** The sender's address without resource. */
  String sender() {
    int slash = from.indexOf('/');
    return slash < 0 ? from : from.substring(0, slash);
  }
}
