/** The business shell of groups (GRP-2). */
@NullMarked
package org.plenum.group;

import org.jspecify.annotations.NullMarked;
