package org.plenum.platform.metrics;

import java.util.OptionalDouble;

/** Reads what the meters of this node show. Thread-safe; never blocks. */
public interface MeterReadings {
  /**
   * The value of a counter or gauge at this moment; of a summary its {@code _count} and {@code
   * _sum}. Empty when nothing is registered under that name or its gauge fails.
   */
  OptionalDouble value(String name);
}
