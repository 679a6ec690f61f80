package org.plenum.web.push;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** A processing server on a stream of all queues; its effects outlive its connection. */
final class StreamClient implements AutoCloseable {
  private static final HttpClient HTTP = HttpClient.newHttpClient();
  private static final Pattern TYPE = Pattern.compile("\"type\":\"(\\w+)\"");
  private static final Pattern QUEUE = Pattern.compile("\"queue\":\"([^\"]*)\"");
  private static final Pattern REPORT =
      Pattern.compile(
          "\\{\"sequence\":(\\d+),\"id\":\"([^\"]+)\",\"source\":\"([^\"]+)\","
              + "\"businessKey\":\"([^\"]+)\"");
  private static final long WAIT_SECONDS = 20;

  /** What a processing server has done, in a store of its own. */
  static final class Effects {
    final Map<String, List<String>> bySource = new LinkedHashMap<>();
    final Set<String> ids = new HashSet<>();
    int repeated;

    void apply(Report report) {
      if (ids.add(report.id())) {
        bySource.computeIfAbsent(report.source(), key -> new ArrayList<>()).add(report.key());
      } else {
        repeated++;
      }
    }

    int count() {
      return ids.size();
    }
  }

  /** A report as it came. */
  record Report(long sequence, String id, String source, String key) {}

  /** A frame of the node. */
  record Got(String type, @Nullable String queue, String text) {
    List<Report> reports() {
      List<Report> reports = new ArrayList<>();
      Matcher each = REPORT.matcher(text);
      while (each.find()) {
        reports.add(
            new Report(Long.parseLong(each.group(1)), each.group(2), each.group(3), each.group(4)));
      }
      return reports;
    }
  }

  final Effects effects;
  private final LinkedBlockingQueue<Got> frames = new LinkedBlockingQueue<>();
  private final WebSocket socket;
  private volatile boolean reading = true;

  private StreamClient(String url, Effects effects) {
    this.effects = effects;
    this.socket = HTTP.newWebSocketBuilder().buildAsync(URI.create(url), new Listener()).join();
  }

  static StreamClient atAll(StreamNode node, Effects effects) {
    return new StreamClient(
        node.url() + "/plenum/api/v1/reports/stream?group=erp&queues=all", effects);
  }

  static StreamClient atOne(StreamNode node) {
    return new StreamClient(node.url() + "/plenum/api/v1/reports/stream?group=erp", new Effects());
  }

  void send(String json) {
    socket.sendText(json, true).orTimeout(WAIT_SECONDS, TimeUnit.SECONDS).join();
  }

  void credit(int count) {
    send("{\"type\":\"credit\",\"count\":" + count + "}");
  }

  void ack(@Nullable String queue, long sequence) {
    send("{\"type\":\"ack\"" + named(queue) + ",\"sequence\":" + sequence + "}");
  }

  void reject(@Nullable String queue, long sequence) {
    send("{\"type\":\"reject\"" + named(queue) + ",\"sequence\":" + sequence + "}");
  }

  private static String named(@Nullable String queue) {
    return queue == null ? "" : ",\"queue\":\"" + queue + "\"";
  }

  /** The next frame, null when none came within these milliseconds. */
  @Nullable Got next(long millis) {
    try {
      return frames.poll(millis, TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  /** The next frame of a type; others are passed over. */
  Got await(String type) {
    while (true) {
      Got frame = next(WAIT_SECONDS * 1_000);
      if (frame == null) {
        throw new AssertionError("no " + type);
      }
      if (frame.type().equals(type)) {
        return frame;
      }
      if (frame.type().equals("bye")) {
        throw new AssertionError(frame.text());
      }
    }
  }

  /** Waits until a queue of that name is open. */
  void awaitOpen(String queue) {
    Got frame;
    do {
      frame = await("queue");
    } while (!queue.equals(frame.queue()) || !frame.text().contains("\"open\""));
  }

  /** Takes, applies and acknowledges until that many reports have had their effect. */
  void takeUntil(int count) {
    while (effects.count() < count) {
      take(await("reports"));
    }
  }

  /** Applies and acknowledges what is in a frame. */
  void take(Got frame) {
    List<Report> reports = frame.reports();
    reports.forEach(effects::apply);
    ack(frame.queue(), reports.getLast().sequence());
    credit(reports.size());
  }

  /** The frames of reports that come before a pong. */
  List<Got> untilPong() {
    List<Got> before = new ArrayList<>();
    while (true) {
      Got frame = next(WAIT_SECONDS * 1_000);
      if (frame == null) {
        throw new AssertionError("no pong");
      }
      if (frame.type().equals("pong")) {
        return before;
      }
      if (frame.type().equals("reports")) {
        before.add(frame);
      }
    }
  }

  /** Reads nothing more from its socket, or goes on. */
  void read(boolean now) {
    reading = now;
    if (now) {
      socket.request(1);
    }
  }

  /** Says that it goes. */
  void leave() {
    socket.sendClose(WebSocket.NORMAL_CLOSURE, "").orTimeout(WAIT_SECONDS, TimeUnit.SECONDS).join();
  }

  @Override
  public void close() {
    socket.abort();
  }

  private final class Listener implements WebSocket.Listener {
    private final StringBuilder text = new StringBuilder();

    @Override
    public @Nullable CompletionStage<?> onText(WebSocket from, CharSequence data, boolean last) {
      text.append(data);
      if (last) {
        String frame = text.toString();
        text.setLength(0);
        Matcher type = TYPE.matcher(frame);
        Matcher queue = QUEUE.matcher(frame);
        frames.add(
            new Got(type.find() ? type.group(1) : "", queue.find() ? queue.group(1) : null, frame));
      }
      if (reading) {
        from.request(1);
      }
      return null;
    }
  }
}
