package org.plenum.platform;

/**
 * Event of CDI: the web module goes, and the rest of the application is about to. A server that is
 * stopped takes the containers of beans down without a call to their {@code @PreDestroy}, so what
 * runs on threads of its own observes this event as well, and ends while its beans still work:
 * {@link #CONSUMERS} first, then {@link #QUEUES}, {@link #WRITER} last. Both calls may come, in any
 * order.
 */
public record ApplicationStops() {
  /** Priority of what takes work in. */
  public static final int CONSUMERS = 100;

  /** Priority of queues: what consumers still gave them is durable. */
  public static final int QUEUES = 150;

  /** Priority of the writer: what the others still gave it is committed. */
  public static final int WRITER = 200;
}
