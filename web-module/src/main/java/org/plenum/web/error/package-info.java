/** One translation of every failure into an RFC 9457 problem. */
@NullMarked
package org.plenum.web.error;

import org.jspecify.annotations.NullMarked;
