/** Dead letters of the command queue, for administrators. */
@NullMarked
package org.plenum.intake.api;

import org.jspecify.annotations.NullMarked;
