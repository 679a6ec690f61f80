/** The comparison of the reader's caches with the database, for platform administrators. */
@NullMarked
package org.plenum.web.consistency;

import org.jspecify.annotations.NullMarked;
