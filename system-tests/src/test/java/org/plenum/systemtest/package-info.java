/** Tests of the deployed application, on a real server and a real database. */
@NullMarked
package org.plenum.systemtest;

import org.jspecify.annotations.NullMarked;
