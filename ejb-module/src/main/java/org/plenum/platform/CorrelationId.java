package org.plenum.platform;

import java.util.UUID;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The id under which a request is found in the logs and in a problem answer: bound to the thread
 * that works for the request. Thread-safe.
 */
public final class CorrelationId {
  private static final Pattern SHAPE = Pattern.compile("[A-Za-z0-9-]{1,64}");
  private static final Pattern UNFIT = Pattern.compile("[^A-Za-z0-9:.()_-]");
  private static final int MAX_LENGTH = 128;
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

  /** Runs the task with the id bound to this thread, and binds again what was bound before. */
  public static void during(@Nullable String id, Runnable task) {
    String before = CURRENT.get();
    bind(id);
    try {
      task.run();
    } finally {
      bind(before);
    }
  }

  /** Calls the task with the id bound to this thread, and binds again what was bound before. */
  public static <T extends @Nullable Object> T during(@Nullable String id, Supplier<T> task) {
    String before = CURRENT.get();
    bind(id);
    try {
      return task.get();
    } finally {
      bind(before);
    }
  }

  /** The id of what a message asks for: its own id, in the characters that a log line may hold. */
  public static String ofMessage(String messageId) {
    String clean = UNFIT.matcher(messageId).replaceAll("_");
    return clean.length() <= MAX_LENGTH ? clean : clean.substring(0, MAX_LENGTH);
  }

  /** The id of this thread, or null. */
  public static @Nullable String current() {
    return CURRENT.get();
  }
}
