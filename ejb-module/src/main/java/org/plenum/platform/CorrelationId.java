package org.plenum.platform;

import java.util.UUID;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The id under which a request is found in the logs and in a problem answer: bound to the thread
 * that works for the request. Thread-safe.
 */
public final class CorrelationId {
  private static final Pattern SHAPE = Pattern.compile("[A-Za-z0-9-]{1,64}");
  private static final ThreadLocal<@Nullable String> CURRENT = new ThreadLocal<>();

  private CorrelationId() {}

  /** The proposed id when its shape is allowed, else a new one. */
  public static String of(@Nullable String proposed) {
    return proposed != null && SHAPE.matcher(proposed).matches()
        ? proposed
        : UUID.randomUUID().toString();
  }

  /** Binds the id to this thread, or with null unbinds. */
  public static void bind(@Nullable String id) {
    if (id == null) {
      CURRENT.remove();
    } else {
      CURRENT.set(id);
    }
  }

  /** The id of this thread, or null. */
  public static @Nullable String current() {
    return CURRENT.get();
  }
}
