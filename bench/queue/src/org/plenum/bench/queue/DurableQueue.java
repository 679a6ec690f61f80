package org.plenum.bench.queue;

import java.util.function.Consumer;

/** A queue under test: durable acknowledgements, one consumer. One thread sends. */
interface DurableQueue extends AutoCloseable {
  /** Sends; the callback runs when the message is durable, on any thread. */
  void send(byte[] body, Runnable acknowledged) throws Exception;

  /** Everything sent so far is on its way. */
  default void flush() throws Exception {}

  /** From now on each message goes to this consumer, in order, and is acknowledged. */
  void consume(Consumer<byte[]> consumer) throws Exception;

  @Override
  void close();
}
