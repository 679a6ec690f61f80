package org.plenum.cluster;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.EnumMap;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.plenum.cluster.api.Figure;
import org.plenum.platform.metrics.MeterReadings;

/**
 * Reads the figures of this node. Rates are those of the last {@value #WINDOW} samples. One thread
 * at a time.
 */
final class NodeSampler {
  private static final int WINDOW = 5;
  private static final double PARTS = 1_000;
  private static final double NANOS = TimeUnit.SECONDS.toNanos(1);

  private final MeterReadings meters;
  private final LongSupplier nanoTime;
  private final Deque<Sample> samples = new ArrayDeque<>();

  /** What only grows, at one moment. */
  private record Sample(long nanos, Map<Figure, Double> totals, double cpuSeconds, double gc) {}

  NodeSampler(MeterReadings meters, LongSupplier nanoTime) {
    this.meters = meters;
    this.nanoTime = nanoTime;
  }

  /** The figures now; rates from the second call on. */
  Map<Figure, Double> sample() {
    Map<Figure, Double> figures = new EnumMap<>(Figure.class);
    Map<Figure, Double> totals = new EnumMap<>(Figure.class);
    for (Figure figure : Figure.values()) {
      if (figure.kind() != Figure.Kind.COMPUTED) {
        OptionalDouble value = meters.value(figure.meter());
        if (value.isPresent()) {
          (figure.kind() == Figure.Kind.RATE ? totals : figures).put(figure, value.getAsDouble());
        }
      }
    }
    ProcessFigures process = ProcessFigures.now();
    figures.put(Figure.HEAP_USED, process.heapUsed());
    figures.put(Figure.HEAP_MAX, process.heapMax());
    figures.put(Figure.THREADS, process.threads());
    Sample now =
        new Sample(nanoTime.getAsLong(), totals, process.cpuSeconds(), process.collectorSeconds());
    Sample oldest = samples.peekFirst();
    if (oldest != null && now.nanos() > oldest.nanos()) {
      rates(figures, oldest, now, process.processors());
    }
    samples.addLast(now);
    if (samples.size() > WINDOW) {
      samples.removeFirst();
    }
    return figures;
  }

  private static void rates(
      Map<Figure, Double> figures, Sample oldest, Sample now, int processors) {
    double seconds = (now.nanos() - oldest.nanos()) / NANOS;
    now.totals()
        .forEach(
            (figure, total) -> {
              // A meter that came up meanwhile has counted from nothing.
              double before = oldest.totals().getOrDefault(figure, 0.0);
              figures.put(figure, rounded(Math.max(0, total - before) / seconds));
            });
    double cpu = now.cpuSeconds() - oldest.cpuSeconds();
    figures.put(Figure.CPU, rounded(Math.clamp(cpu / seconds / processors, 0, 1)));
    figures.put(Figure.GC, rounded(Math.clamp((now.gc() - oldest.gc()) / seconds, 0, 1)));
  }

  private static double rounded(double value) {
    return Math.round(value * PARTS) / PARTS;
  }
}
