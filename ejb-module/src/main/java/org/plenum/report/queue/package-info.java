/**
 * The buffered queue (QUE-1 to QUE-9): memory speed while consumers keep up, durable before
 * anything is acknowledged, and read from storage when they do not. Plain Java without Jakarta
 * classes and without the rest of this application; {@link org.plenum.report.queue.BufferedQueue}
 * is the way in.
 */
@NullMarked
package org.plenum.report.queue;

import org.jspecify.annotations.NullMarked;
