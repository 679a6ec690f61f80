/** Views and ports of accounts. */
@NullMarked
package org.plenum.account.api;

import org.jspecify.annotations.NullMarked;
