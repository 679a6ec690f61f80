package org.plenum.account.api;

/**
 * Fired after an account's password was set or the account was disabled on this node: whatever
 * still acts for it has to be looked at again.
 */
public record AccountChanged(long accountId) {}
