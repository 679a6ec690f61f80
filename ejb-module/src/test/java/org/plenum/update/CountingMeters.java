package org.plenum.update;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.DoubleSupplier;
import org.plenum.platform.metrics.Meters;

/** Meters that a test can read. */
public final class CountingMeters implements Meters {
  private final Map<String, AtomicLong> counters = new ConcurrentHashMap<>();
  private final Map<String, DoubleSupplier> gauges = new ConcurrentHashMap<>();

  @Override
  public Counter counter(String name, String doc) {
    AtomicLong counter = counters.computeIfAbsent(name, key -> new AtomicLong());
    return counter::addAndGet;
  }

  @Override
  public void gauge(String name, String doc, DoubleSupplier value) {
    gauges.put(name, value);
  }

  @Override
  public Summary summary(String name, String doc) {
    return value -> {};
  }

  /** The value of a counter or gauge. */
  public long value(String name) {
    AtomicLong counter = counters.get(name);
    return counter == null
        ? (long) gauges.getOrDefault(name, () -> -1).getAsDouble()
        : counter.get();
  }
}
