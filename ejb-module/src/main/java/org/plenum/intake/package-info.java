/** Legacy producers: the command queue's consumer and its dead letters. */
@NullMarked
package org.plenum.intake;

import org.jspecify.annotations.NullMarked;
