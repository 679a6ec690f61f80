package org.plenum.web.push;

import jakarta.inject.Inject;
import jakarta.servlet.ServletException;
import jakarta.servlet.annotation.WebServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.plenum.account.api.Account;
import org.plenum.platform.ErrorCode;
import org.plenum.platform.ServiceException;
import org.plenum.platform.config.KnownConfig;
import org.plenum.report.ReportConfig;
import org.plenum.web.auth.TokenVerifier;
import org.plenum.web.edge.OriginPolicy;

/**
 * The WebSocket of external processing servers (RPT-3): {@code /api/v1/reports/stream?group=NAME},
 * with {@code &queues=all} for the reports of all nodes. Refuses with a problem: 405, 426, 400,
 * 403, 401, 404 for a group that is not configured, 503 when there are as many streams as there may
 * be.
 */
@WebServlet(urlPatterns = "/api/v1/reports/stream", asyncSupported = true)
public class ReportStreamServlet extends WebSocketServlet {
  private static final long serialVersionUID = 1L;

  @Inject private transient ReportStreamsBean streams;
  @Inject private transient OriginPolicy origins;
  @Inject private transient TokenVerifier tokens;

  private final transient Set<String> accounts =
      Set.copyOf(ReportConfig.STREAM_ACCOUNTS.from(KnownConfig.get()));

  @Override
  void upgrade(HttpServletRequest request, HttpServletResponse response)
      throws ServletException, IOException {
    origins.require(request.getHeader("Origin"), request.getHeader("Host"));
    String token = Handshake.token(request, Handshake.protocols(request));
    require(tokens.verify(token).account());
    String group = request.getParameter("group");
    if (group == null) {
      throw new ServiceException(ErrorCode.INVALID_VALUE, "the parameter group is missing");
    }
    boolean all = all(request.getParameter("queues"));
    streams.upgrade(
        request,
        response,
        gone -> streams.open(group, all, () -> require(tokens.verify(token).account()), gone));
  }

  private static boolean all(@Nullable String queues) {
    if (queues == null || queues.equals("own")) {
      return false;
    }
    if (queues.equals("all")) {
      return true;
    }
    throw new ServiceException(ErrorCode.INVALID_VALUE, "queues is own or all");
  }

  private void require(Account account) {
    if (!account.admin() && !accounts.contains(account.name())) {
      throw new ServiceException(
          ErrorCode.FORBIDDEN,
          "only plenum.report.stream.accounts and administrators take streams");
    }
  }
}
