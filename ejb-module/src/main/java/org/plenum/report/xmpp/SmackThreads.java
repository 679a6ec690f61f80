package org.plenum.report.xmpp;

import java.lang.reflect.Field;
import java.util.Map;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * The two threads that Smack starts once and never ends. They would keep a former deployment in
 * memory: when the intake ends, they are told to as well.
 */
final class SmackThreads {
  private static final Logger LOG = Logger.getLogger(SmackThreads.class.getName());
  private static final String REACTOR = "org.jivesoftware.smack.SmackReactor$Reactor";

  private SmackThreads() {}

  /** Ends those of this deployment. */
  static void end() {
    ClassLoader own = SmackThreads.class.getClassLoader();
    for (Map.Entry<Thread, StackTraceElement[]> each : Thread.getAllStackTraces().entrySet()) {
      Thread thread = each.getKey();
      Class<?> kind = thread.getClass();
      if (kind.getName().equals(REACTOR) && isSeenBy(own, kind)) {
        end(thread, kind);
      }
    }
  }

  private static boolean isSeenBy(ClassLoader loader, Class<?> kind) {
    try {
      return Class.forName(kind.getName(), false, loader) == kind;
    } catch (ClassNotFoundException e) {
      return false;
    }
  }

  /** Smack 4.4 has the switch, and nothing that turns it. */
  private static void end(Thread thread, Class<?> kind) {
    try {
      Field requested = kind.getDeclaredField("shutdownRequestTimestamp");
      requested.setAccessible(true);
      requested.setLong(thread, System.currentTimeMillis());
      thread.interrupt();
    } catch (ReflectiveOperationException | RuntimeException e) {
      LOG.log(Level.INFO, thread.getName() + " stays until the server ends", e);
    }
  }
}
