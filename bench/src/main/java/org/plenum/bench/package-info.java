/** Load over real connections, the checks on every message, and the table of results. */
@NullMarked
package org.plenum.bench;

import org.jspecify.annotations.NullMarked;
