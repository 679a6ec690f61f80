@NullMarked
package org.plenum.web.push;

import org.jspecify.annotations.NullMarked;
