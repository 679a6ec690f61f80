/** Reports over REST: intake, states, and what administrators see of the queue. */
@NullMarked
package org.plenum.web.report;

import org.jspecify.annotations.NullMarked;
