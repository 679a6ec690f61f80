/** What every request passes: correlation id, security headers, origins. */
@NullMarked
package org.plenum.web.edge;

import org.jspecify.annotations.NullMarked;
