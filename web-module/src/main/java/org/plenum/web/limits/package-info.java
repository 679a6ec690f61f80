/** Bounds on what callers may ask for: rates and sizes. */
@NullMarked
package org.plenum.web.limits;

import org.jspecify.annotations.NullMarked;
