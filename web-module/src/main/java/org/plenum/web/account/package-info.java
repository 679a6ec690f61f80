/** Accounts, signing in and the caller's own account. */
@NullMarked
package org.plenum.web.account;

import org.jspecify.annotations.NullMarked;
