package org.plenum.web.cluster;

import jakarta.inject.Inject;
import jakarta.servlet.AsyncContext;
import jakarta.servlet.annotation.WebServlet;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.time.Duration;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;
import org.plenum.platform.ServiceException;
import org.plenum.web.api.Writes;
import org.plenum.writer.api.WriterIntake;

/**
 * Where other nodes bring their commands while this one leads the writing (decision 5). Not there
 * at all on a node that is alone; the load balancer does not let clients through to it. Refuses
 * with bare status codes: 404 alone, 403 without the secret, 405, 413, 400.
 */
@WebServlet(urlPatterns = "/internal/v1/commands", asyncSupported = true, loadOnStartup = 1)
public class CommandsServlet extends HttpServlet {
  private static final long serialVersionUID = 1L;
  private static final Logger LOG = Logger.getLogger(CommandsServlet.class.getName());

  /** Longer than any command waits: each is answered by its own deadline. */
  private static final Duration LIMIT = Duration.ofMinutes(2);

  @Inject private transient WriterIntake writer;

  @Inject private transient Writes writes;

  /**
   * Has the threads that answer made in the context of this module. Made by the first answer, on a
   * thread of the writer's module, they would not find their thread factory, and the first batches
   * of other nodes would have no answer until their deadlines.
   */
  @Override
  public void init() {
    writes.prepare();
  }

  @Override
  protected void service(HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    int refusal = refusal(request);
    if (refusal != 0) {
      response.setStatus(refusal);
      return;
    }
    byte[] body = request.getInputStream().readNBytes(writer.maxBytes() + 1);
    if (body.length > writer.maxBytes()) {
      response.setStatus(HttpServletResponse.SC_REQUEST_ENTITY_TOO_LARGE);
      return;
    }
    AsyncContext async = request.startAsync();
    async.setTimeout(LIMIT.toMillis());
    try {
      var unused =
          writer
              .carryOut(body)
              .thenAccept(answers -> writes.handOver(() -> answer(async, answers)))
              .exceptionally(failure -> fail(async, failure));
    } catch (ServiceException e) {
      LOG.log(Level.WARNING, "a batch of commands from " + request.getRemoteAddr(), e);
      response.setStatus(HttpServletResponse.SC_BAD_REQUEST);
      async.complete();
    }
  }

  private int refusal(HttpServletRequest request) {
    if (!writer.open()) {
      return HttpServletResponse.SC_NOT_FOUND;
    }
    if (!writer.admits(request.getHeader(WriterIntake.SECRET_HEADER))) {
      LOG.warning(() -> "commands without the secret of the cluster: " + request.getRemoteAddr());
      return HttpServletResponse.SC_FORBIDDEN;
    }
    if (!"POST".equals(request.getMethod())) {
      return HttpServletResponse.SC_METHOD_NOT_ALLOWED;
    }
    return request.getContentLengthLong() > writer.maxBytes()
        ? HttpServletResponse.SC_REQUEST_ENTITY_TOO_LARGE
        : 0;
  }

  /** The sender tries again at once, instead of waiting for an answer that never comes. */
  private static @Nullable Void fail(AsyncContext async, Throwable failure) {
    LOG.log(Level.SEVERE, "a batch of commands was carried out and cannot be answered", failure);
    try {
      ((HttpServletResponse) async.getResponse())
          .setStatus(HttpServletResponse.SC_INTERNAL_SERVER_ERROR);
    } finally {
      async.complete();
    }
    return null;
  }

  private static void answer(AsyncContext async, byte[] answers) {
    try {
      HttpServletResponse response = (HttpServletResponse) async.getResponse();
      response.setContentType(WriterIntake.MEDIA_TYPE);
      response.setContentLength(answers.length);
      response.getOutputStream().write(answers);
    } catch (IOException | RuntimeException e) {
      LOG.log(Level.FINE, "the node that sent commands is gone", e);
    } finally {
      async.complete();
    }
  }
}
