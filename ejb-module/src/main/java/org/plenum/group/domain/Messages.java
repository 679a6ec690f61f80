package org.plenum.group.domain;

import java.util.Optional;

/**
 * The entries of the group of one command, as they are at that moment. Implementations prefetch
 * what {@link GroupDecider#messagesNeeded} names.
 */
@FunctionalInterface
public interface Messages {
  /** The entry at this sequence; empty when there is none or it is no longer kept. */
  Optional<MessageFacts> at(long seq);
}
