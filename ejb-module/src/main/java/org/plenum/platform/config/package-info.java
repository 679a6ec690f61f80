/** Typed configuration: keys with defaults and documentation. */
@NullMarked
package org.plenum.platform.config;

import org.jspecify.annotations.NullMarked;
