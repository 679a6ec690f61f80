package org.plenum.cluster;

import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryUsage;
import java.util.concurrent.TimeUnit;
import java.util.logging.Level;
import java.util.logging.Logger;
import javax.management.JMException;
import javax.management.ObjectName;

/**
 * The process at one moment.
 *
 * @param cpuSeconds used since its start
 * @param collectorSeconds in which garbage collection held it up since its start
 */
record ProcessFigures(
    double cpuSeconds,
    double collectorSeconds,
    double heapUsed,
    double heapMax,
    double threads,
    int processors) {
  private static final Logger LOG = Logger.getLogger(ProcessFigures.class.getName());
  private static final double NANOS = TimeUnit.SECONDS.toNanos(1);
  private static final double MILLIS = TimeUnit.SECONDS.toMillis(1);

  static ProcessFigures now() {
    MemoryUsage heap = ManagementFactory.getMemoryMXBean().getHeapMemoryUsage();
    return new ProcessFigures(
        cpuNanos() / NANOS,
        collectorMillis() / MILLIS,
        heap.getUsed(),
        heap.getMax(),
        ManagementFactory.getThreadMXBean().getThreadCount(),
        Runtime.getRuntime().availableProcessors());
  }

  /** Asked by name: the class of this bean is not seen by applications in every server. */
  private static long cpuNanos() {
    try {
      return ManagementFactory.getPlatformMBeanServer()
                  .getAttribute(new ObjectName("java.lang:type=OperatingSystem"), "ProcessCpuTime")
              instanceof Long nanos
          ? nanos
          : 0;
    } catch (JMException | RuntimeException e) {
      LOG.log(Level.FINE, "this Java does not say what it uses", e);
      return 0;
    }
  }

  /** Collectors that work beside the application hold nobody up. */
  private static long collectorMillis() {
    long millis = 0;
    for (GarbageCollectorMXBean each : ManagementFactory.getGarbageCollectorMXBeans()) {
      if (!each.getName().contains("Concurrent") && !each.getName().contains("Cycles")) {
        millis += Math.max(0, each.getCollectionTime());
      }
    }
    return millis;
  }
}
