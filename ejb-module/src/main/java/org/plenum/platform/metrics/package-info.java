/** Metrics behind a port, so that features are tested without a container. */
@NullMarked
package org.plenum.platform.metrics;

import org.jspecify.annotations.NullMarked;
