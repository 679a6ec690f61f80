/** Tests of the harness itself. */
@NullMarked
package org.plenum.testkit;

import org.jspecify.annotations.NullMarked;
