package org.plenum.web.push;

import jakarta.inject.Inject;
import jakarta.servlet.ServletException;
import jakarta.servlet.annotation.WebServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.logging.Logger;
import java.util.regex.Pattern;
import org.plenum.platform.ErrorCode;
import org.plenum.platform.ServiceException;
import org.plenum.writer.api.WriterIntake;

/**
 * The queue of this node for a stream of reports at another one ({@link PeerTransport#PATH}): the
 * stream of processing servers, with the secret of the cluster in the place of a token. Balancers
 * do not let clients through to it. Every answer has the header {@link PeerTransport#KNOWN_HEADER},
 * by which a node of a version without it is told from one that refuses: 404 alone or for a group
 * that is not configured, 403 without the secret, 409 when another stream has the queue, and what
 * every stream is refused with.
 */
@WebServlet(urlPatterns = "/internal/v1/reports/stream", asyncSupported = true)
public class InnerStreamServlet extends WebSocketServlet {
  private static final long serialVersionUID = 1L;
  private static final Logger LOG = Logger.getLogger(InnerStreamServlet.class.getName());
  private static final Pattern ID = Pattern.compile("[0-9a-f-]{36}");

  @Inject private transient ReportStreamsBean streams;
  @Inject private transient WriterIntake cluster;

  @Override
  void upgrade(HttpServletRequest request, HttpServletResponse response)
      throws ServletException, IOException {
    response.setHeader(PeerTransport.KNOWN_HEADER, "1");
    if (!cluster.open()) {
      throw new ServiceException(ErrorCode.NOT_FOUND, "this node is alone");
    }
    if (!cluster.admits(request.getHeader(WriterIntake.SECRET_HEADER))) {
      LOG.warning(() -> "a stream without the secret of the cluster: " + request.getRemoteAddr());
      throw new ServiceException(ErrorCode.FORBIDDEN, "only for nodes of this cluster");
    }
    String group = request.getParameter("group");
    String stream = request.getParameter("stream");
    if (group == null || stream == null || !ID.matcher(stream).matches()) {
      throw new ServiceException(ErrorCode.INVALID_VALUE, "group or stream is missing");
    }
    boolean take = "true".equals(request.getParameter("take"));
    streams.upgrade(request, response, gone -> streams.openInner(group, stream, take, gone));
  }
}
