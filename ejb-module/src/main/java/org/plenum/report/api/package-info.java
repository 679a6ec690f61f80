/** Reports: what intakes, pages and other features know of them. */
@NullMarked
package org.plenum.report.api;

import org.jspecify.annotations.NullMarked;
