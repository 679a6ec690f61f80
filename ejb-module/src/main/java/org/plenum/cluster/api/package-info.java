/** The state of a cluster as administrators see it, and the board on which nodes say theirs. */
@NullMarked
package org.plenum.cluster.api;

import org.jspecify.annotations.NullMarked;
