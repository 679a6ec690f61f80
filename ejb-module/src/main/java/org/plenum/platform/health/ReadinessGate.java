package org.plenum.platform.health;

import jakarta.enterprise.context.ApplicationScoped;

/**
 * Whether the application has started. Until then readiness asks nobody: the health endpoint is
 * served before the application is, by a module of the server's own, and a bean that a request of
 * that module makes gets threads in the context of that module, which end at once while the server
 * starts.
 */
@ApplicationScoped
public class ReadinessGate {
  private volatile boolean open;

  void open() {
    open = true;
  }

  boolean isOpen() {
    return open;
  }
}
