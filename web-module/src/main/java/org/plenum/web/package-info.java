/** The web face: REST resources, push, page. */
@NullMarked
package org.plenum.web;

import org.jspecify.annotations.NullMarked;
