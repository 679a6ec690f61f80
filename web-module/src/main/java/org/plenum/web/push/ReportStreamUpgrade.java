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
  private @Nullable Executor closer;

  /** For the container. */
  public ReportStreamUpgrade() {}

  void equip(ReportStream made, Executor running, Executor closing) {
    this.stream = made;
    this.executor = running;
    this.closer = closing;
  }

  @Override
  public void init(WebConnection web) {
    ReportStream made = stream;
    Executor running = executor;
    Executor closing = closer;
    if (made == null || running == null || closing == null) {
      throw new IllegalStateException("not equipped");
    }
    try {
      made.start(
          new ServletSink(web.getOutputStream(), web, closing),
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
