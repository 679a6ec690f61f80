/** Health of the node, and the check that refuses a misconfigured deployment. */
@NullMarked
package org.plenum.platform.health;

import org.jspecify.annotations.NullMarked;
