package org.plenum.web.push;

import jakarta.enterprise.event.Event;
import jakarta.inject.Inject;
import jakarta.servlet.ServletContextEvent;
import jakarta.servlet.ServletContextListener;
import jakarta.servlet.annotation.WebListener;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.plenum.platform.ApplicationStops;

/**
 * Starts push with the web module and stops it first when the application goes; then says so to
 * what runs on threads of its own, since a server that is stopped does not.
 */
@WebListener
public class PushLifecycle implements ServletContextListener {
  private static final Logger LOG = Logger.getLogger(PushLifecycle.class.getName());

  @Inject private PushBean push;
  @Inject private Event<ApplicationStops> stops;

  @Override
  public void contextInitialized(ServletContextEvent event) {
    push.start();
  }

  @Override
  public void contextDestroyed(ServletContextEvent event) {
    try {
      push.stop();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    try {
      stops.fire(new ApplicationStops());
    } catch (RuntimeException e) {
      // The beans are gone already: their own end has stopped them.
      LOG.log(Level.FINE, "not everything could be told that the application stops", e);
    }
  }
}
