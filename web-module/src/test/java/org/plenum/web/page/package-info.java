/** Tests of the web page that need no browser. */
@NullMarked
package org.plenum.web.page;

import org.jspecify.annotations.NullMarked;
