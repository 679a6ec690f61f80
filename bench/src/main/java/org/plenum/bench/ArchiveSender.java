package org.plenum.bench;

import java.io.IOException;
import java.util.List;
import org.plenum.testkit.XmppSender;

/** Reports as messages to an account of a messaging server, which archives them. For one thread. */
record ArchiveSender(XmppSender client, String reader) implements SendingThreads.Sender {
  @Override
  public void send(List<String> keys) throws IOException {
    for (String key : keys) {
      client.send(reader, key, XmppSender.body(SampleReport.json(null, key)));
    }
    client.awaitServer();
  }

  @Override
  public void close() throws IOException {
    client.close();
  }
}
