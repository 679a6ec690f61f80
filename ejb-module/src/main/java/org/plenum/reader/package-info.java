/** The reader: replica cache, apply, catch-up, snapshot (GRP-5 to GRP-8). */
@NullMarked
package org.plenum.reader;

import org.jspecify.annotations.NullMarked;
