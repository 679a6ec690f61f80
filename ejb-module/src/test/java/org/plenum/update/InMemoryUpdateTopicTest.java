package org.plenum.update;

import java.util.List;
import java.util.function.BiConsumer;

class InMemoryUpdateTopicTest extends UpdateTopicContract {
  @Override
  UpdateTopic topic(List<BiConsumer<String, byte[]>> receivers) {
    return (node, batch) -> receivers.forEach(receiver -> receiver.accept(node, batch));
  }
}
