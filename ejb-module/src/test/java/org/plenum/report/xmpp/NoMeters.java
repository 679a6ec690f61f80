package org.plenum.report.xmpp;

import java.util.function.DoubleSupplier;
import org.plenum.platform.metrics.Meters;

/** Counts nothing. */
final class NoMeters implements Meters {
  @Override
  public Counter counter(String name, String doc) {
    return count -> {};
  }

  @Override
  public void gauge(String name, String doc, DoubleSupplier value) {}

  @Override
  public Summary summary(String name, String doc) {
    return value -> {};
  }
}
