/** The storage of a queue in a relational database. */
@NullMarked
package org.plenum.report.queue.jdbc;

import org.jspecify.annotations.NullMarked;
