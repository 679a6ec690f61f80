/** The storage of a queue in segment files, on any mounted file system. */
@NullMarked
package org.plenum.report.queue.journal;

import org.jspecify.annotations.NullMarked;
