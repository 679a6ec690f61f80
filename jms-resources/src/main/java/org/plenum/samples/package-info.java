/** What a legacy system needs to talk to Plenum, as an example. */
@NullMarked
package org.plenum.samples;

import org.jspecify.annotations.NullMarked;
