package org.plenum.web.push;

import jakarta.inject.Inject;
import jakarta.servlet.ServletContextEvent;
import jakarta.servlet.ServletContextListener;
import jakarta.servlet.annotation.WebListener;

/** Starts push with the web module and stops it first when the application goes. */
@WebListener
public class PushLifecycle implements ServletContextListener {
  @Inject private PushBean push;

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
  }
}
