/** Dead letters of the command queue, for platform administrators. */
@NullMarked
package org.plenum.web.intake;

import org.jspecify.annotations.NullMarked;
