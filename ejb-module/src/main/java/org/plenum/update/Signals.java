package org.plenum.update;

import java.util.List;
import java.util.function.Consumer;

/** Passing remarks to and from the other nodes. Never blocks and never throws; thread-safe. */
public interface Signals {
  /** Nobody to tell, nobody who tells. */
  Signals NONE =
      new Signals() {
        @Override
        public void send(Signal signal) {}

        @Override
        public void received(List<Signal> signals) {}

        @Override
        public void subscribe(Consumer<Signal> listener) {}
      };

  /** Sends a signal; dropped and counted when too many wait or the topic is away. */
  void send(Signal signal);

  /** Gives what another node sent to the listeners. */
  void received(List<Signal> signals);

  /** Adds a listener; it must be short and must not block for long. */
  void subscribe(Consumer<Signal> listener);
}
