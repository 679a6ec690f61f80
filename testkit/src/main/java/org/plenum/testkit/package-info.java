/**
 * What a test or a benchmark needs around the application: a real PostgreSQL, a real server, and
 * clients that record what they were told. Not part of the application.
 */
@NullMarked
package org.plenum.testkit;

import org.jspecify.annotations.NullMarked;
