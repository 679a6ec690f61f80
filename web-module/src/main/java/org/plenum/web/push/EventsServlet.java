package org.plenum.web.push;

import jakarta.inject.Inject;
import jakarta.servlet.AsyncContext;
import jakarta.servlet.AsyncEvent;
import jakarta.servlet.AsyncListener;
import jakarta.servlet.ServletOutputStream;
import jakarta.servlet.annotation.WebServlet;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.plenum.group.api.GroupId;
import org.plenum.platform.ErrorCode;
import org.plenum.platform.ServiceException;
import org.plenum.web.auth.Caller;
import org.plenum.web.auth.TokenVerifier;
import org.plenum.web.edge.OriginPolicy;

/**
 * The same server frames as the WebSocket, as server-sent events. A client resumes with {@code
 * resume=<group>:<seq>,...}, or with {@code Last-Event-ID}, the last id it saw, which counts where
 * both are given.
 */
@WebServlet(urlPatterns = "/api/v1/events", asyncSupported = true)
public class EventsServlet extends HttpServlet {
  private static final long serialVersionUID = 1L;

  @Inject private transient PushBean push;
  @Inject private transient OriginPolicy origins;
  @Inject private transient TokenVerifier tokens;

  @Override
  protected void doGet(HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    try {
      origins.require(request.getHeader("Origin"), request.getHeader("Host"));
      Caller caller = tokens.verify(Handshake.token(request, List.of()));
      // A client that reconnects by itself repeats the address of its first connection.
      long position = position(request.getHeader("Last-Event-ID"));
      Map<GroupId, Long> resume = position > 0 ? Map.of() : resume(request.getParameter("resume"));
      PushHub hub = push.handler().hub();
      start(request, response, hub, caller, resume, position);
    } catch (ServiceException e) {
      Handshake.refuse(response, e);
    }
  }

  private void start(
      HttpServletRequest request,
      HttpServletResponse response,
      PushHub hub,
      Caller caller,
      Map<GroupId, Long> resume,
      long position)
      throws IOException {
    hub.admit(caller.account().id());
    PushConnection connection = null;
    try {
      response.setStatus(HttpServletResponse.SC_OK);
      response.setContentType("text/event-stream");
      response.setCharacterEncoding("UTF-8");
      response.setHeader("Cache-Control", "no-store");
      response.setHeader("X-Accel-Buffering", "no");
      response.flushBuffer();
      ServletOutputStream output = response.getOutputStream();
      AsyncContext async = request.startAsync(request, response);
      async.setTimeout(0);
      ServletSink sink = new ServletSink(output, async::complete, push.closer());
      connection = hub.open(caller, Frame.Framing.EVENTS, sink);
      async.addListener(new EndListener(connection));
      output.setWriteListener(connection.outbound());
      hub.join(connection, resume, position);
    } catch (IOException | RuntimeException e) {
      if (connection == null) {
        hub.release(caller.account().id());
      } else {
        connection.outbound().kill();
      }
      throw e;
    }
  }

  private static Map<GroupId, Long> resume(@Nullable String parameter) {
    Map<GroupId, Long> resume = new HashMap<>();
    if (parameter == null || parameter.isBlank()) {
      return resume;
    }
    for (String pair : parameter.split(",", -1)) {
      int colon = pair.lastIndexOf(':');
      if (colon < 0) {
        throw new ServiceException(ErrorCode.INVALID_VALUE, "resume needs group:seq pairs");
      }
      resume.put(GroupId.parse(pair.substring(0, colon)), number(pair.substring(colon + 1)));
    }
    return resume;
  }

  private static long position(@Nullable String header) {
    return header == null || header.isBlank() ? 0 : number(header.strip());
  }

  private static long number(String text) {
    try {
      long number = Long.parseLong(text);
      if (number >= 0) {
        return number;
      }
    } catch (NumberFormatException e) {
      throw new ServiceException(ErrorCode.INVALID_VALUE, "not a number", null, e);
    }
    throw new ServiceException(ErrorCode.INVALID_VALUE, "must not be negative");
  }

  /** Tells the connection when the container ends the response. */
  private record EndListener(PushConnection connection) implements AsyncListener {
    @Override
    public void onComplete(AsyncEvent event) {
      connection.outbound().kill();
    }

    @Override
    public void onTimeout(AsyncEvent event) {
      connection.outbound().kill();
    }

    @Override
    public void onError(AsyncEvent event) {
      connection.outbound().kill();
    }

    @Override
    public void onStartAsync(AsyncEvent event) {
      // The same response goes on.
    }
  }
}
