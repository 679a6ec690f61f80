package org.plenum.platform.metrics;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.function.DoubleSupplier;
import java.util.function.Supplier;
import org.eclipse.microprofile.metrics.Metadata;
import org.eclipse.microprofile.metrics.MetricRegistry;
import org.eclipse.microprofile.metrics.MetricUnits;
import org.eclipse.microprofile.metrics.Tag;

/**
 * Meters shown by the container's {@code /metrics} page under the prefix {@code plenum_}. A summary
 * appears as {@code _count}, {@code _sum} and {@code _max} and as percentiles in the label {@code
 * quantile}, of the last one to two minutes. The container's own histogram is not used: it takes
 * locks on each update. Thread-safe.
 */
@ApplicationScoped
public class MicroProfileMeters implements Meters {
  private static final String PREFIX = "plenum_";
  private static final Duration WINDOW = Duration.ofMinutes(1);
  private static final double[] QUANTILES = {0.5, 0.95, 0.99, 0.999};

  @Inject private MetricRegistry registry;

  private final ConcurrentMap<String, Counter> counters = new ConcurrentHashMap<>();
  private final ConcurrentMap<String, DoubleSupplier> gauges = new ConcurrentHashMap<>();
  private final ConcurrentMap<String, Summary> summaries = new ConcurrentHashMap<>();

  @Override
  public Counter counter(String name, String doc) {
    return counters.computeIfAbsent(
        name,
        key -> {
          registry.remove(PREFIX + key);
          return registry.counter(metadata(key, doc))::inc;
        });
  }

  @Override
  public void gauge(String name, String doc, DoubleSupplier value) {
    if (gauges.put(name, value) == null) {
      registry.remove(PREFIX + name);
      show(name, doc, () -> gauges.getOrDefault(name, value).getAsDouble());
    }
  }

  @Override
  public Summary summary(String name, String doc) {
    return summaries.computeIfAbsent(name, key -> register(key, doc));
  }

  private Summary register(String name, String doc) {
    WindowedHistogram histogram = new WindowedHistogram(WINDOW, System::nanoTime);
    for (String suffix : new String[] {"", "_count", "_sum", "_max"}) {
      registry.remove(PREFIX + name + suffix);
    }
    show(name + "_count", doc + " (values since the start)", histogram::count);
    show(name + "_sum", doc + " (sum since the start)", histogram::sum);
    show(name + "_max", doc + " (largest of the last minutes)", histogram::maximum);
    for (double quantile : QUANTILES) {
      show(
          name,
          doc,
          () -> histogram.percentile(quantile),
          new Tag("quantile", Double.toString(quantile)));
    }
    return histogram::observe;
  }

  private void show(String name, String doc, Supplier<Number> value, Tag... tags) {
    registry.gauge(metadata(name, doc), value, tags);
  }

  private static Metadata metadata(String name, String doc) {
    return Metadata.builder()
        .withName(PREFIX + name)
        .withDescription(doc)
        .withUnit(MetricUnits.NONE)
        .build();
  }
}
