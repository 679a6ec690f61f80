/** Groups, members, messages and history over REST. */
@NullMarked
package org.plenum.web.group;

import org.jspecify.annotations.NullMarked;
