package org.plenum.web.push;

import jakarta.inject.Inject;
import jakarta.servlet.ServletException;
import jakarta.servlet.annotation.WebServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Semaphore;
import org.eclipse.microprofile.config.ConfigProvider;
import org.plenum.account.api.Account;
import org.plenum.platform.ErrorCode;
import org.plenum.platform.ServiceException;
import org.plenum.report.ReportConfig;
import org.plenum.report.api.ReportFeeds;
import org.plenum.web.auth.TokenVerifier;
import org.plenum.web.edge.OriginPolicy;

/**
 * The WebSocket of external processing servers (RPT-3): {@code /api/v1/reports/stream?group=NAME}.
 * Refuses with a problem: 405, 426, 400, 403, 401, 404 for a group that is not configured, 503 when
 * there are as many streams as there may be.
 */
@WebServlet(urlPatterns = "/api/v1/reports/stream", asyncSupported = true)
public class ReportStreamServlet extends WebSocketServlet {
  private static final long serialVersionUID = 1L;

  @Inject private transient PushBean push;
  @Inject private transient OriginPolicy origins;
  @Inject private transient TokenVerifier tokens;
  @Inject private transient ReportFeeds feeds;

  private final transient ReportStream.Settings settings =
      new ReportStream.Settings(
          ReportConfig.STREAM_CREDIT.from(ConfigProvider.getConfig()),
          ReportConfig.STREAM_SILENCE.from(ConfigProvider.getConfig()));
  private final transient Set<String> accounts =
      Set.copyOf(ReportConfig.STREAM_ACCOUNTS.from(ConfigProvider.getConfig()));

  /** One consumer a group, and as many again that are about to be replaced. */
  private final transient Semaphore places =
      new Semaphore(2 * ReportConfig.MAX_GROUPS.from(ConfigProvider.getConfig()));

  @Override
  void upgrade(HttpServletRequest request, HttpServletResponse response)
      throws ServletException, IOException {
    String accept = Handshake.accept(request);
    origins.require(request.getHeader("Origin"), request.getHeader("Host"));
    List<String> protocols = Handshake.protocols(request);
    String token = Handshake.token(request, protocols);
    require(tokens.verify(token).account());
    String group = request.getParameter("group");
    if (group == null) {
      throw new ServiceException(ErrorCode.INVALID_VALUE, "the parameter group is missing");
    }
    if (!places.tryAcquire()) {
      throw new ServiceException(ErrorCode.READ_UNAVAILABLE, "there are too many streams");
    }
    boolean upgraded = false;
    ReportFeeds.Feed feed = null;
    try {
      feed = feeds.open(group);
      Handshake.switchProtocols(response, accept, protocols);
      ReportStream stream =
          new ReportStream(
              group,
              feed,
              settings,
              () -> require(tokens.verify(token).account()),
              places::release);
      request.upgrade(ReportStreamUpgrade.class).equip(stream, push.streams(), push.closer());
      response.flushBuffer();
      upgraded = true;
    } finally {
      if (!upgraded) {
        places.release();
        if (feed != null) {
          feed.close();
        }
      }
    }
  }

  private void require(Account account) {
    if (!account.admin() && !accounts.contains(account.name())) {
      throw new ServiceException(
          ErrorCode.FORBIDDEN,
          "only plenum.report.stream.accounts and administrators take streams");
    }
  }
}
