package org.plenum.bench.queue;

import java.nio.file.Path;
import java.util.function.Consumer;
import org.apache.activemq.artemis.api.core.ActiveMQException;
import org.apache.activemq.artemis.api.core.QueueConfiguration;
import org.apache.activemq.artemis.api.core.RoutingType;
import org.apache.activemq.artemis.api.core.client.ActiveMQClient;
import org.apache.activemq.artemis.api.core.client.ClientConsumer;
import org.apache.activemq.artemis.api.core.client.ClientMessage;
import org.apache.activemq.artemis.api.core.client.ClientProducer;
import org.apache.activemq.artemis.api.core.client.ClientSession;
import org.apache.activemq.artemis.api.core.client.ClientSessionFactory;
import org.apache.activemq.artemis.api.core.client.ServerLocator;
import org.apache.activemq.artemis.core.config.Configuration;
import org.apache.activemq.artemis.core.config.impl.ConfigurationImpl;
import org.apache.activemq.artemis.core.server.JournalType;
import org.apache.activemq.artemis.core.server.embedded.EmbeddedActiveMQ;
import org.apache.activemq.artemis.core.settings.impl.AddressFullMessagePolicy;
import org.apache.activemq.artemis.core.settings.impl.AddressSettings;

/**
 * ActiveMQ Artemis in this process (no network between), NIO journal with data sync, acknowledged
 * without blocking the sender.
 */
final class ArtemisQueue implements DurableQueue {
  private static final String NAME = "bench";

  /** Its own tool sets this to what a sync takes on the disk; its default of 3.3 ms is slower. */
  private static final int JOURNAL_TIMEOUT_NANOS = 300_000;

  private final EmbeddedActiveMQ server;
  private final ServerLocator locator;
  private final ClientSessionFactory factory;
  private final ClientSession sending;
  private final ClientProducer producer;

  ArtemisQueue(Path folder) throws Exception {
    Configuration configuration =
        new ConfigurationImpl()
            .setPersistenceEnabled(true)
            .setSecurityEnabled(false)
            .setJournalType(JournalType.NIO)
            .setJournalDatasync(true)
            .setJournalSyncNonTransactional(true)
            .setJournalBufferTimeout_NIO(JOURNAL_TIMEOUT_NANOS)
            .setJournalDirectory(folder.resolve("journal").toString())
            .setBindingsDirectory(folder.resolve("bindings").toString())
            .setLargeMessagesDirectory(folder.resolve("large").toString())
            .setPagingDirectory(folder.resolve("paging").toString())
            .setMaxDiskUsage(-1)
            .addAddressSetting(
                "#",
                new AddressSettings()
                    .setAddressFullMessagePolicy(AddressFullMessagePolicy.PAGE)
                    .setMaxSizeBytes(256L << 20))
            .addAcceptorConfiguration("in-vm", "vm://0");
    server = new EmbeddedActiveMQ().setConfiguration(configuration);
    server.start();
    locator =
        ActiveMQClient.createServerLocator("vm://0")
            .setBlockOnDurableSend(false)
            .setConfirmationWindowSize(4 << 20)
            .setProducerWindowSize(-1)
            .setConsumerWindowSize(4 << 20)
            .setAckBatchSize(1 << 20);
    factory = locator.createSessionFactory();
    sending = factory.createSession(true, true);
    sending.createQueue(
        QueueConfiguration.of(NAME)
            .setAddress(NAME)
            .setRoutingType(RoutingType.ANYCAST)
            .setDurable(true));
    producer = sending.createProducer(NAME);
    sending.start();
  }

  @Override
  public void send(byte[] body, Runnable acknowledged) throws ActiveMQException {
    ClientMessage message = sending.createMessage(true);
    message.getBodyBuffer().writeBytes(body);
    producer.send(message, confirmed -> acknowledged.run());
  }

  @Override
  public void consume(Consumer<byte[]> consumer) throws ActiveMQException {
    ClientSession receiving = factory.createSession(true, true, 1 << 20);
    ClientConsumer from = receiving.createConsumer(NAME);
    from.setMessageHandler(
        message -> {
          byte[] body = new byte[message.getBodySize()];
          message.getBodyBuffer().readBytes(body);
          consumer.accept(body);
          acknowledge(message);
        });
    receiving.start();
  }

  private static void acknowledge(ClientMessage message) {
    try {
      message.acknowledge();
    } catch (ActiveMQException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() {
    factory.close();
    locator.close();
    try {
      server.stop();
    } catch (Exception e) {
      throw new IllegalStateException("Artemis did not stop", e);
    }
  }
}
