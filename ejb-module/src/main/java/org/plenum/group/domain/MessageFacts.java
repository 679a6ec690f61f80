package org.plenum.group.domain;

import org.plenum.group.api.EntryKind;

/**
 * What a decision needs to know about an entry.
 *
 * @param authorId the actor of the entry
 * @param recalled whether a posted message was taken back
 */
public record MessageFacts(long seq, EntryKind kind, long authorId, boolean recalled) {}
