/** Accounts and the embedded local realm. */
@NullMarked
package org.plenum.account;

import org.jspecify.annotations.NullMarked;
