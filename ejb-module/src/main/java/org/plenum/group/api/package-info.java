/** Commands, events, states, views and ports of groups: all that other features may see. */
@NullMarked
package org.plenum.group.api;

import org.jspecify.annotations.NullMarked;
