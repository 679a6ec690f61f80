package org.plenum.group.domain;

import java.util.Optional;
import org.plenum.group.api.Membership;

/**
 * The relations of accounts to the group of one command, as they are at that moment.
 * Implementations prefetch what {@link GroupDecider#accountsNeeded} names and load any other
 * account on demand.
 */
@FunctionalInterface
public interface Memberships {
  /** The account's relation; empty for an outsider. */
  Optional<Membership> of(long accountId);
}
