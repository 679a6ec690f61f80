/** The one writer: lease, epoch fence, group commit, update log (GRP-3, GRP-4). */
@NullMarked
package org.plenum.writer;

import org.jspecify.annotations.NullMarked;
