package org.plenum.platform.metrics;

import java.util.function.DoubleSupplier;

/**
 * Registers meters. Names are lower case with underscores and start with the feature, {@code
 * writer_batch_size}; units belong in the name ({@code _seconds}, {@code _bytes}). Registering a
 * name twice gives the same meter. Thread-safe; updates are wait-free.
 */
public interface Meters {
  /** A number that only grows. */
  Counter counter(String name, String doc);

  /** A number read at the moment somebody asks. Replaces an earlier gauge of that name. */
  void gauge(String name, String doc, DoubleSupplier value);

  /**
   * A gauge among several of one name that differ in a label, such as the node they are of. Whoever
   * registers them bounds how many there are.
   */
  default void gauge(
      String name, String doc, String label, String labelValue, DoubleSupplier value) {
    gauge(name + "_" + labelValue, doc, value);
  }

  /** A distribution: count, maximum, and percentiles. */
  Summary summary(String name, String doc);

  /** Counts events. */
  interface Counter {
    /** Adds a number that is not negative. */
    void add(long count);

    /** Adds one. */
    default void increment() {
      add(1);
    }
  }

  /** Observes values. */
  interface Summary {
    /** Takes one value. */
    void observe(long value);
  }
}
