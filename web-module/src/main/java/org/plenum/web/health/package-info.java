/** The part of the deployment check that sees every module. */
@NullMarked
package org.plenum.web.health;

import org.jspecify.annotations.NullMarked;
