/**
 * Backups of this node, and how they come back (GRP-9): the database, the signing key, the journal
 * of reports. What runs in the server and what {@link org.plenum.backup.BackupTool} runs beside it
 * share the format, the durable files and the checks.
 */
@NullMarked
package org.plenum.backup;

import org.jspecify.annotations.NullMarked;
