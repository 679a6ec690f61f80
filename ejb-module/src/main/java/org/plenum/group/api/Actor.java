package org.plenum.group.api;

/**
 * An account as it acts or is acted upon.
 *
 * @param id the account id
 * @param name the display name at this moment; copied into entries so that readers need no look-up
 */
public record Actor(long id, String name) {}
