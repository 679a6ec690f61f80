/** The stream of committed updates: envelope, codec, ordering, topic. */
@NullMarked
package org.plenum.update;

import org.jspecify.annotations.NullMarked;
