package org.plenum.bench;

import java.util.List;
import org.plenum.testkit.LegacySystem;

/**
 * Reports on the report queue as persistent messages, one of them a message. For one thread.
 *
 * @param transacted whether a batch is one transaction; else each message is sent by itself
 */
record JmsSender(LegacySystem session, String source, boolean transacted)
    implements SendingThreads.Sender {
  @Override
  public void send(List<String> keys) {
    for (String key : keys) {
      session.send(session.text(SampleReport.json(source, key)));
    }
    if (transacted) {
      session.commit();
    }
  }

  @Override
  public void close() {
    session.close();
  }
}
