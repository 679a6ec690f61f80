/** The port through which business nodes reach the writer (GRP-3). */
@NullMarked
package org.plenum.writer.api;

import org.jspecify.annotations.NullMarked;
