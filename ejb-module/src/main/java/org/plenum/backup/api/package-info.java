/** Backups as others see them. */
@NullMarked
package org.plenum.backup.api;

import org.jspecify.annotations.NullMarked;
