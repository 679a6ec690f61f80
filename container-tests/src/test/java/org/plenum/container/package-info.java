/** Tests that run inside a managed Payara, beside the deployed application. */
@NullMarked
package org.plenum.container;

import org.jspecify.annotations.NullMarked;
