/** Lean non-blocking clients: few threads, thousands of connections, nothing copied twice. */
@NullMarked
package org.plenum.bench.net;

import org.jspecify.annotations.NullMarked;
