package org.plenum.intake;

import org.jspecify.annotations.Nullable;

/**
 * A message as it came from the queue or from the dead letters.
 *
 * @param messageId the JMSMessageID; its identity when there is no business key
 * @param type simple name of the JMS type
 * @param text the body of a TextMessage; null for any other type, which is refused unread
 * @param deliveries how often it was delivered, this time included
 */
public record LegacyMessage(String messageId, String type, @Nullable String text, int deliveries) {}
