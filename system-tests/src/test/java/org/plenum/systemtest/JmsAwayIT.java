package org.plenum.systemtest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import jakarta.jms.BytesMessage;
import jakarta.jms.JMSConsumer;
import jakarta.jms.JMSContext;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.plenum.testkit.BrokerServer;
import org.plenum.testkit.ChatSocket;
import org.plenum.testkit.LegacySystem;
import org.plenum.testkit.RestClient;

/**
 * The broker, in a process of its own beside a server of its own, is killed and comes back while
 * people chat. Seconds without it: {@code -Dplenum.jms.away.seconds}.
 */
class JmsAwayIT {
  private static final Duration AWAY =
      Duration.ofSeconds(Integer.getInteger("plenum.jms.away.seconds", 10));

  @AutoClose private static Installation installation;
  @AutoClose private static BrokerServer broker;

  @BeforeAll
  static void start() {
    installation = Installation.stoppedOnH2();
    broker = installation.startBroker();
    installation.server().useBroker(broker.port());
    installation.server().restart();
  }

  @Test
  void postingAndPushGoOnAndTheIntakeComesBackByItself() throws Exception {
    RestClient ada = installation.person("ada");
    RestClient grace = installation.person("grace");
    String chat = Groups.create(ada, "PRIVATE", grace);
    String orders = Groups.create(ada, "PRIVATE", grace);
    List<String> said = new ArrayList<>();
    try (ChatSocket hers = ChatSocket.open(ada);
        ChatSocket theirs = ChatSocket.open(grace)) {
      // More than a transaction of the broker takes by default, and some in mid-work at the kill.
      produce(broker, orders, 0, 500);
      broker.kill();
      long gone = System.nanoTime();
      while (System.nanoTime() - gone < AWAY.toNanos()) {
        String text = "said " + said.size();
        if (said.size() % 2 == 0) {
          Groups.post(ada, chat, text);
        } else {
          JsonNode ack = hers.post(chat, text).get(20, TimeUnit.SECONDS);
          assertThat(ack.path("type").asText()).as(ack.toString()).isEqualTo("ack");
        }
        said.add(text);
        theirs.awaitEntry(chat, entry -> entry.path("text").asText().equals(text));
      }
      broker.start();
      long back = System.nanoTime();
      produce(broker, orders, 500, 510);
      List<String> expected = IntStream.range(0, 510).mapToObj(i -> "order " + i).toList();
      await()
          .atMost(Duration.ofSeconds(90))
          .untilAsserted(
              () -> assertThat(Groups.texts(Groups.history(grace, orders))).isEqualTo(expected));
      System.out.printf(
          "JmsAwayIT: %d s without the broker, %d posts meanwhile, all orders %d ms after it%n",
          AWAY.toSeconds(), said.size(), TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - back));

      assertThat(Groups.texts(Groups.history(ada, chat))).isEqualTo(said);
      assertThat(Groups.texts(theirs.entries(chat))).isEqualTo(said);
      long head = Groups.seqs(theirs.entries(orders)).getLast();
      assertThat(Groups.seqs(theirs.entries(orders)))
          .isEqualTo(LongStream.rangeClosed(head - 509, head).boxed().toList());
    }
  }

  private static void produce(BrokerServer broker, String group, int from, int to) {
    try (LegacySystem erp = LegacySystem.connectTransacted(broker.connections())) {
      for (int i = from; i < to; i++) {
        erp.send(erp.text(LegacySystem.post(group + "-" + i, group, "ada", "order " + i)));
      }
      erp.commit();
    }
  }

  @Test
  void updatesArePublishedAgain() throws JMSException {
    broker.kill();
    broker.start();
    RestClient ada = installation.person("ada");
    String group = Groups.create(ada, "PRIVATE");
    try (JMSContext peer = broker.connections().createContext("guest", "guest");
        JMSConsumer updates = peer.createConsumer(peer.createTopic("PlenumGroupUpdateTopic"))) {
      // The topic is a hint: what is sent over a connection that broke meanwhile is not sent again.
      Message message = null;
      for (int i = 0; i < 20 && message == null; i++) {
        Groups.post(ada, group, "for the peers");
        message = updates.receive(3_000);
      }
      assertThat(message).isInstanceOf(BytesMessage.class);
    }
  }
}
