package org.plenum.web.push;

import jakarta.annotation.PostConstruct;
import jakarta.annotation.PreDestroy;
import jakarta.annotation.Priority;
import jakarta.annotation.Resource;
import jakarta.enterprise.concurrent.ManagedThreadFactory;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.event.Reception;
import jakarta.inject.Inject;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Semaphore;
import java.util.function.Function;
import org.eclipse.microprofile.config.Config;
import org.jspecify.annotations.Nullable;
import org.plenum.cluster.api.ClusterNode;
import org.plenum.cluster.api.ClusterService;
import org.plenum.cluster.api.NodeStatus;
import org.plenum.platform.ApplicationStops;
import org.plenum.platform.ErrorCode;
import org.plenum.platform.NodeConfig;
import org.plenum.platform.NodeRole;
import org.plenum.platform.ServiceException;
import org.plenum.platform.WorkerPool;
import org.plenum.platform.config.KnownConfig;
import org.plenum.platform.metrics.Meters;
import org.plenum.report.ReportConfig;
import org.plenum.report.api.ReportFeeds;
import org.plenum.report.api.StreamStatus;

/** The container's shell of the streams of reports: their bounds, and the way to other nodes. */
@ApplicationScoped
public class ReportStreamsBean implements StreamStatus {
  private static final String BUSINESS = NodeRole.BUSINESS.name().toLowerCase(Locale.ROOT);

  /** Run what other nodes say into inboxes; nothing there waits. */
  private static final int LISTENERS = 4;

  private static final int MAX_WAITING = 4_096;
  private static final Duration PATIENCE = Duration.ofSeconds(5);

  @Inject private ReportFeeds feeds;
  @Inject private ClusterService cluster;
  @Inject private PushBean push;
  @Inject private Meters meters;

  @Resource(lookup = "java:comp/DefaultManagedThreadFactory")
  private ManagedThreadFactory threads;

  private @Nullable WorkerPool listeners;
  private @Nullable PeerTransport transport;
  private @Nullable ReportStreams streams;

  /** One consumer a group, and as many again that are about to be replaced. */
  private Semaphore places = new Semaphore(0);

  @PostConstruct
  void start() {
    Config config = KnownConfig.get();
    NodeConfig node = NodeConfig.from(config);
    places = new Semaphore(2 * ReportConfig.MAX_GROUPS.from(config));
    Duration connect = ReportConfig.STREAM_CONNECT.from(config);
    Duration silence = ReportConfig.STREAM_SILENCE.from(config);
    if (node.clustered()) {
      WorkerPool pool = new WorkerPool("report-relay", LISTENERS, MAX_WAITING, threads, meters);
      listeners = pool;
      transport = new PeerTransport(node.secret(), connect, pool);
    }
    streams =
        new ReportStreams(
            node.name(),
            feeds,
            this::peers,
            transport,
            new ReportStream.Settings(ReportConfig.STREAM_CREDIT.from(config), silence),
            new PeerReportSource.Settings(
                ReportConfig.STREAM_AHEAD.from(config),
                ReportConfig.STREAM_TAKING.from(config),
                connect,
                ReportConfig.STREAM_RETRY.from(config),
                silence));
  }

  /** Ends as {@link #stop()} does, when the server stops; not where no stream ever was. */
  void applicationStops(
      @Observes(notifyObserver = Reception.IF_EXISTS) @Priority(ApplicationStops.CONSUMERS)
          ApplicationStops event) {
    stop();
  }

  @PreDestroy
  void stop() {
    if (streams != null) {
      try {
        streams.stop(PATIENCE);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
    if (transport != null) {
      transport.close();
    }
    if (listeners != null) {
      listeners.close();
    }
  }

  /** Also those that are silent: the grid may be away, and a node that is gone refuses at once. */
  private Map<String, String> peers() {
    Map<String, String> urls = new HashMap<>();
    var view = cluster.view();
    for (ClusterNode node : view.nodes()) {
      NodeStatus said = node.status();
      if (said != null
          && !node.name().equals(view.answeredBy())
          && said.roles().contains(BUSINESS)
          && !said.url().isEmpty()) {
        urls.put(node.name(), said.url());
      }
    }
    return urls;
  }

  @Override
  public List<Stream> streams() {
    return started().status();
  }

  private ReportStreams started() {
    ReportStreams made = streams;
    if (made == null) {
      throw new ServiceException(ErrorCode.READ_UNAVAILABLE, "streams are not started");
    }
    return made;
  }

  /** Makes a stream; its argument is to be run once it is over. */
  interface Opening extends Function<Runnable, ReportStream> {}

  /**
   * Switches protocols and starts a stream.
   *
   * @throws ServiceException when it is refused; then nothing was written yet
   */
  void upgrade(HttpServletRequest request, HttpServletResponse response, Opening opening)
      throws ServletException, IOException {
    String accept = Handshake.accept(request);
    List<String> protocols = Handshake.protocols(request);
    if (!places.tryAcquire()) {
      throw new ServiceException(ErrorCode.READ_UNAVAILABLE, "there are too many streams");
    }
    boolean upgraded = false;
    ReportStream stream = null;
    try {
      stream = opening.apply(places::release);
      Handshake.switchProtocols(response, accept, protocols);
      request.upgrade(ReportStreamUpgrade.class).equip(stream, push.streams(), push.closer());
      response.flushBuffer();
      upgraded = true;
    } finally {
      if (!upgraded) {
        if (stream == null) {
          places.release();
        } else {
          stream.kill();
        }
      }
    }
  }

  ReportStream open(String group, boolean all, Runnable review, Runnable gone) {
    return started().open(group, all, review, gone);
  }

  ReportStream openInner(String group, String stream, boolean take, Runnable gone) {
    return started().openInner(group, stream, take, gone);
  }
}
