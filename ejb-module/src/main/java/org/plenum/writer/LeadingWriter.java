package org.plenum.writer;

import org.plenum.writer.api.WriterGateway;

/** The writer of this node. Thread-safe. */
interface LeadingWriter extends WriterGateway {
  /** Epoch that this node holds, 0 while it does not lead. */
  long epoch();
}
