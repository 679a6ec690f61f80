/** What other features may know of the reader beside the reads themselves. */
@NullMarked
package org.plenum.reader.api;

import org.jspecify.annotations.NullMarked;
