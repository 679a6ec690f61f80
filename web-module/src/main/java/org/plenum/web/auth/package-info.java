/** Who is calling: tokens, their verification, and the filter that demands them. */
@NullMarked
package org.plenum.web.auth;

import org.jspecify.annotations.NullMarked;
