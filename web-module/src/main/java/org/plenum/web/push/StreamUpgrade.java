package org.plenum.web.push;

import jakarta.servlet.http.HttpUpgradeHandler;
import jakarta.servlet.http.WebConnection;
import java.io.IOException;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;
import org.plenum.web.auth.Caller;

/** Takes over a connection after the handshake. Made by the container, equipped by the servlet. */
public class StreamUpgrade implements HttpUpgradeHandler {
  private @Nullable MessageHandler handler;
  private @Nullable Caller caller;
  private @Nullable Executor closer;
  private @Nullable PushConnection connection;

  /** For the container. */
  public StreamUpgrade() {}

  void equip(MessageHandler messages, Caller verified, Executor closing) {
    this.handler = messages;
    this.caller = verified;
    this.closer = closing;
  }

  @Override
  public void init(WebConnection web) {
    MessageHandler messages = handler;
    Caller verified = caller;
    Executor closing = closer;
    if (messages == null || verified == null || closing == null) {
      throw new IllegalStateException("not equipped");
    }
    try {
      ServletSink sink = new ServletSink(web.getOutputStream(), web, closing);
      PushConnection opened = messages.hub().open(verified, Frame.Framing.WEB_SOCKET, sink);
      connection = opened;
      web.getOutputStream().setWriteListener(opened.outbound());
      new WebSocketSession(web.getInputStream(), opened, messages).start();
    } catch (IOException | RuntimeException e) {
      if (connection == null) {
        messages.hub().release(verified.account().id());
      } else {
        connection.outbound().kill();
      }
      throw new IllegalStateException("the connection was lost in the handshake", e);
    }
  }

  @Override
  public void destroy() {
    if (connection != null) {
      connection.outbound().kill();
    }
  }
}
