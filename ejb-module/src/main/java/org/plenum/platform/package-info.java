/** Error model, clock, ids, typed configuration, health and metrics. */
@NullMarked
package org.plenum.platform;

import org.jspecify.annotations.NullMarked;
