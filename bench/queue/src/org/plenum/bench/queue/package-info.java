/** The report queue beside other durable queues, in one run. */
@NullMarked
package org.plenum.bench.queue;

import org.jspecify.annotations.NullMarked;
