/** Backups over the API, for platform administrators. */
@NullMarked
package org.plenum.web.backup;

import org.jspecify.annotations.NullMarked;
