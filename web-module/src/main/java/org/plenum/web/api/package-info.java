/** What the resources share: the call, its answers, cursors and views. */
@NullMarked
package org.plenum.web.api;

import org.jspecify.annotations.NullMarked;
