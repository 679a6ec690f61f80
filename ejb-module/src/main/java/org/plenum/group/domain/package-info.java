/** Pure decisions about groups; no container, no database, no clock of its own. */
@NullMarked
package org.plenum.group.domain;

import org.jspecify.annotations.NullMarked;
