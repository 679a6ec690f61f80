/** Reports: intake, processing and delivery around the buffered queue. */
@NullMarked
package org.plenum.report;

import org.jspecify.annotations.NullMarked;
