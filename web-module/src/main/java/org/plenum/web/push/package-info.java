/**
 * Push (decision 8): committed updates to the sockets of this node, over WebSocket and server-sent
 * events, and commands from sockets to the business port. A hint and never the truth: what a socket
 * misses it fetches.
 */
@NullMarked
package org.plenum.web.push;

import org.jspecify.annotations.NullMarked;
