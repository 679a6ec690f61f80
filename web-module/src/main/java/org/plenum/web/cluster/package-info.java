/** What the nodes of a cluster tell each other over HTTP, and what administrators see of it. */
@NullMarked
package org.plenum.web.cluster;

import org.jspecify.annotations.NullMarked;
