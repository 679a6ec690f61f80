/**
 * The embedded load balancer (GRP-1): a node that gives requests of clients to its peers, with
 * Undertow's reverse proxy (ADR 0050). It carries requests and knows nothing of groups.
 */
@NullMarked
package org.plenum.balancer;

import org.jspecify.annotations.NullMarked;
