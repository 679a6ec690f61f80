package org.plenum.platform.metrics;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.OptionalDouble;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.function.DoubleSupplier;
import java.util.function.Supplier;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.eclipse.microprofile.metrics.Metadata;
import org.eclipse.microprofile.metrics.MetricID;
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
public class MicroProfileMeters implements Meters, MeterReadings {
  private static final Logger LOG = Logger.getLogger(MicroProfileMeters.class.getName());
  private static final String PREFIX = "plenum_";
  private static final Duration WINDOW = Duration.ofMinutes(1);
  private static final double[] QUANTILES = {0.5, 0.95, 0.99, 0.999};

  @Inject private MetricRegistry registry;

  private final ConcurrentMap<String, Counter> counters = new ConcurrentHashMap<>();
  private final ConcurrentMap<String, DoubleSupplier> gauges = new ConcurrentHashMap<>();
  private final ConcurrentMap<String, Summary> summaries = new ConcurrentHashMap<>();
  private final ConcurrentMap<String, DoubleSupplier> readings = new ConcurrentHashMap<>();

  @Override
  public Counter counter(String name, String doc) {
    return counters.computeIfAbsent(
        name,
        key -> {
          registry.remove(PREFIX + key);
          var counter = registry.counter(metadata(key, doc));
          readings.put(key, counter::getCount);
          return counter::inc;
        });
  }

  @Override
  public void gauge(String name, String doc, DoubleSupplier value) {
    readings.put(name, value);
    if (gauges.put(name, value) == null) {
      registry.remove(PREFIX + name);
      show(name, doc, () -> gauges.getOrDefault(name, value).getAsDouble());
    }
  }

  @Override
  public void gauge(
      String name, String doc, String label, String labelValue, DoubleSupplier value) {
    String key = name + "{" + label + "=" + labelValue + "}";
    readings.put(key, value);
    if (gauges.put(key, value) == null) {
      Tag tag = new Tag(label, labelValue);
      registry.remove(new MetricID(PREFIX + name, tag));
      show(name, doc, () -> gauges.getOrDefault(key, value).getAsDouble(), tag);
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
    readings.put(name + "_count", histogram::count);
    readings.put(name + "_sum", histogram::sum);
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

  @Override
  public OptionalDouble value(String name) {
    DoubleSupplier reading = readings.get(name);
    try {
      return reading == null ? OptionalDouble.empty() : OptionalDouble.of(reading.getAsDouble());
    } catch (RuntimeException e) {
      LOG.log(Level.FINE, "the meter " + name + " cannot be read", e);
      return OptionalDouble.empty();
    }
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
