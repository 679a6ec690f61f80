package org.plenum.web.push;

import jakarta.inject.Inject;
import jakarta.servlet.ServletException;
import jakarta.servlet.annotation.WebServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.List;
import org.plenum.web.auth.Caller;
import org.plenum.web.auth.TokenVerifier;
import org.plenum.web.edge.OriginPolicy;

/**
 * The WebSocket of the API. Refuses what is no handshake of ours with a problem: 405, 426, 400, 403
 * for a foreign origin, 401 or 403 for the token, 429 and 503 for too many sockets.
 */
@WebServlet(urlPatterns = "/api/v1/stream", asyncSupported = true)
public class StreamServlet extends WebSocketServlet {
  private static final long serialVersionUID = 1L;

  @Inject private transient PushBean push;
  @Inject private transient OriginPolicy origins;
  @Inject private transient TokenVerifier tokens;

  @Override
  void upgrade(HttpServletRequest request, HttpServletResponse response)
      throws ServletException, IOException {
    String accept = Handshake.accept(request);
    origins.require(request.getHeader("Origin"), request.getHeader("Host"));
    List<String> protocols = Handshake.protocols(request);
    Caller caller = tokens.verify(Handshake.token(request, protocols));
    MessageHandler handler = push.handler();
    handler.hub().admit(caller.account().id());
    boolean upgraded = false;
    try {
      Handshake.switchProtocols(response, accept, protocols);
      request.upgrade(StreamUpgrade.class).equip(handler, caller, push.closer());
      response.flushBuffer();
      upgraded = true;
    } finally {
      if (!upgraded) {
        handler.hub().release(caller.account().id());
      }
    }
  }
}
