/** What the nodes of a cluster know of each other, for administrators. It carries no data. */
@NullMarked
package org.plenum.cluster;

import org.jspecify.annotations.NullMarked;
