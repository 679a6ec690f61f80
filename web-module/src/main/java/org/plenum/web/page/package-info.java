/** The web page's own files. */
@NullMarked
package org.plenum.web.page;

import org.jspecify.annotations.NullMarked;
