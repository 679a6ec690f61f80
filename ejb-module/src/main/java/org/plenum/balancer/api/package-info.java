/** What other features need to know of the embedded load balancer. */
@NullMarked
package org.plenum.balancer.api;

import org.jspecify.annotations.NullMarked;
