package org.plenum.web.cluster;

import jakarta.inject.Inject;
import jakarta.servlet.annotation.WebServlet;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.plenum.cluster.api.ClusterConsistencyService;
import org.plenum.platform.ServiceException;
import org.plenum.writer.api.WriterIntake;

/**
 * Where another node has this one's caches compared with the database (GRP-5). Not there at all on
 * a node that is alone; the load balancer does not let clients through to it. One comparison runs
 * at a time for others, beside one for this node's own report. Refuses with bare status codes: 404
 * alone, 403 without the secret, 405, 400, 429 while one runs, 503 without the database.
 */
@WebServlet(urlPatterns = "/internal/v1/consistency")
public class ConsistencyServlet extends HttpServlet {
  private static final long serialVersionUID = 1L;
  private static final Logger LOG = Logger.getLogger(ConsistencyServlet.class.getName());
  private static final int TOO_MANY_REQUESTS = 429;
  private static final int MAX_MILLIS = 3_600_000;

  private final transient Semaphore turn = new Semaphore(1);

  @Inject private transient WriterIntake nodes;
  @Inject private transient ClusterConsistencyService consistency;

  @Override
  protected void service(HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    int sample = number(request, "sample", ClusterConsistencyService.MAX_SAMPLE);
    int millis = number(request, "millis", MAX_MILLIS);
    int refusal = refusal(request, sample > 0 && millis > 0);
    if (refusal != 0) {
      response.setStatus(refusal);
      return;
    }
    if (!turn.tryAcquire()) {
      response.setStatus(TOO_MANY_REQUESTS);
      return;
    }
    byte[] report;
    try {
      report = consistency.compareFor(sample, Duration.ofMillis(millis));
    } catch (ServiceException e) {
      LOG.log(Level.WARNING, "another node asked for a comparison with the database", e);
      response.setStatus(HttpServletResponse.SC_SERVICE_UNAVAILABLE);
      return;
    } finally {
      turn.release();
    }
    response.setContentType(ClusterConsistencyService.MEDIA_TYPE);
    response.setContentLength(report.length);
    response.getOutputStream().write(report);
  }

  private int refusal(HttpServletRequest request, boolean numbers) {
    if (!nodes.open()) {
      return HttpServletResponse.SC_NOT_FOUND;
    }
    if (!nodes.admits(request.getHeader(WriterIntake.SECRET_HEADER))) {
      LOG.warning(() -> "a question without the secret of the cluster: " + request.getRemoteAddr());
      return HttpServletResponse.SC_FORBIDDEN;
    }
    if (!"POST".equals(request.getMethod())) {
      return HttpServletResponse.SC_METHOD_NOT_ALLOWED;
    }
    return numbers ? 0 : HttpServletResponse.SC_BAD_REQUEST;
  }

  /** 1 up to the most, 0 for anything else. */
  private static int number(HttpServletRequest request, String name, int most) {
    String text = request.getParameter(name);
    if (text == null || !text.matches("[1-9][0-9]{0,8}")) {
      return 0;
    }
    int number = Integer.parseInt(text);
    return number <= most ? number : 0;
  }
}
