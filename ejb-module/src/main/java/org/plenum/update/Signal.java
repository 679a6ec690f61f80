package org.plenum.update;

import org.plenum.group.api.Actor;
import org.plenum.group.api.GroupId;

/**
 * A passing remark from node to node, beside the updates: kept nowhere, lost without harm, never
 * repeated. What must not be lost is an update.
 */
public sealed interface Signal {
  /** Somebody types in a group. */
  record Typing(GroupId group, Actor by) implements Signal {}

  /** An account was disabled, enabled, or has a new password: what is remembered of it is old. */
  record AccountTouched(long account) implements Signal {}
}
