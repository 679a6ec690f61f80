package org.plenum.web.push;

import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.plenum.platform.ErrorCode;
import org.plenum.platform.ServiceException;

/**
 * A resource that answers with a WebSocket and nothing else. What is no handshake of ours is
 * refused with a problem: 405, 426, and whatever {@link #upgrade} throws.
 */
abstract class WebSocketServlet extends HttpServlet {
  private static final long serialVersionUID = 1L;

  @Override
  protected final void service(HttpServletRequest request, HttpServletResponse response)
      throws ServletException, IOException {
    if (!"GET".equals(request.getMethod())) {
      response.setHeader("Allow", "GET");
      Handshake.refuse(
          response, new ServiceException(ErrorCode.METHOD_NOT_ALLOWED, "only GET is offered here"));
      return;
    }
    if (!Handshake.isUpgrade(request) || !Handshake.isVersionSpoken(request)) {
      // No Upgrade header: the container would take the answer for an upgrade and leave it open.
      response.setHeader("Sec-WebSocket-Version", "13");
      Handshake.refuse(
          response,
          new ServiceException(
              ErrorCode.UPGRADE_REQUIRED, "connect with a WebSocket of version 13"));
      return;
    }
    try {
      upgrade(request, response);
    } catch (ServiceException e) {
      Handshake.refuse(response, e);
    }
  }

  /**
   * Looks who asks and switches protocols.
   *
   * @throws ServiceException when it is refused; then nothing was written yet
   */
  abstract void upgrade(HttpServletRequest request, HttpServletResponse response)
      throws ServletException, IOException;
}
