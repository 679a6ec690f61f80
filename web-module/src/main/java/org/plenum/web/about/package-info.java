/** What runs here. */
@NullMarked
package org.plenum.web.about;

import org.jspecify.annotations.NullMarked;
