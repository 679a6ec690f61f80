package org.plenum.writer;

import java.util.Optional;

/** Who leads the writing, as the lease says. Blocks for the database. */
@FunctionalInterface
interface Leaders {
  /**
   * A holder of the lease.
   *
   * @param url where it is reached, empty when it is alone
   */
  record Leader(long epoch, String url) {}

  /**
   * The holder of a lease that has not run out by the clock of the database, if there is one.
   *
   * @throws StoreException UNAVAILABLE when the database does not answer
   */
  Optional<Leader> leader();
}
