package org.plenum.web.push;

import jakarta.servlet.http.HttpUpgradeHandler;
import jakarta.servlet.http.WebConnection;
import java.io.IOException;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/** Takes over a connection after the handshake. Made by the container, equipped by the servlet. */
public class ReportStreamUpgrade implements HttpUpgradeHandler {
  private @Nullable ReportStream stream;
  private @Nullable Executor executor;

  /** For the container. */
  public ReportStreamUpgrade() {}

  void equip(ReportStream made, Executor running) {
    this.stream = made;
    this.executor = running;
  }

  @Override
  public void init(WebConnection web) {
    ReportStream made = stream;
    Executor running = executor;
    if (made == null || running == null) {
      throw new IllegalStateException("not equipped");
    }
    try {
      made.start(
          new ServletSink(web.getOutputStream(), web, running),
          web.getInputStream(),
          web.getOutputStream(),
          running);
    } catch (IOException | RuntimeException e) {
      made.kill();
      throw new IllegalStateException("the connection was lost in the handshake", e);
    }
  }

  @Override
  public void destroy() {
    if (stream != null) {
      stream.kill();
    }
  }
}
