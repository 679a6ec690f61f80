package org.plenum.web.push;

import java.util.function.DoubleSupplier;
import org.plenum.platform.metrics.Meters;

/** The meters of push. Thread-safe. */
final class PushMeters {
  private final Meters meters;
  private final Meters.Counter frames;
  private final Meters.Counter deliveries;
  private final Meters.Counter bytes;
  private final Meters.Counter overflows;
  private final Meters.Counter resyncs;
  private final Meters.Counter shed;
  private final Meters.Counter received;
  private final Meters.Counter violations;
  private final Meters.Summary dirtyToFlush;

  PushMeters(Meters meters) {
    this.meters = meters;
    this.frames = meters.counter("push_frames_total", "Update frames queued for sockets");
    this.deliveries = meters.counter("push_deliveries_total", "Entries queued for sockets");
    this.bytes = meters.counter("push_outbound_bytes_total", "Bytes handed to the container");
    this.overflows =
        meters.counter("push_queue_overflows_total", "Backlogs dropped for slow sockets");
    this.resyncs = meters.counter("push_resyncs_total", "Resync frames sent");
    this.shed = meters.counter("push_sockets_shed_total", "Sockets closed because of overload");
    this.received = meters.counter("push_client_messages_total", "Messages from sockets");
    this.violations =
        meters.counter("push_protocol_violations_total", "Sockets closed for a protocol fault");
    this.dirtyToFlush =
        meters.summary(
            "push_dirty_to_flush_micros",
            "Microseconds from an update's arrival at its fan-out thread to its frames");
  }

  void gauge(String name, String doc, DoubleSupplier value) {
    meters.gauge(name, doc, value);
  }

  void delivered(int frameCount, long entries) {
    if (frameCount > 0) {
      frames.add(frameCount);
      deliveries.add(entries);
    }
  }

  void written(int count) {
    bytes.add(count);
  }

  void overflow() {
    overflows.increment();
  }

  void resync() {
    resyncs.increment();
  }

  void shed() {
    shed.increment();
  }

  void received() {
    received.increment();
  }

  void violation() {
    violations.increment();
  }

  void flushed(long nanos) {
    dirtyToFlush.observe(nanos / 1_000);
  }
}
