/** What the nodes of a cluster tell each other over HTTP. */
@NullMarked
package org.plenum.web.cluster;

import org.jspecify.annotations.NullMarked;
