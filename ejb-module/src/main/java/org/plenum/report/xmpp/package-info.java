/**
 * Reports from XMPP servers (RPT-1 to RPT-6): one long-lived connection for each server, owned by
 * one node, over which the message archive of an ordinary account is read from where it was left.
 */
@NullMarked
package org.plenum.report.xmpp;

import org.jspecify.annotations.NullMarked;
