package org.plenum.report.xmpp;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One page of an archive, oldest message first.
 *
 * @param last where the next page begins behind; null when the page is empty
 * @param complete whether there was nothing behind it when it was read
 */
record ArchivePage(List<ArchivedMessage> messages, @Nullable String last, boolean complete) {
  ArchivePage {
    messages = List.copyOf(messages);
  }
}
