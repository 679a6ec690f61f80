package org.plenum.samples;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A processing server: takes the reports of a consumer group from Plenum over a WebSocket, with
 * credit and acknowledgements, in one file of plain Java without libraries. Each report becomes a
 * line of a file that is synced to disk before it is acknowledged. It may be stopped or killed at
 * any time: it connects again, to the next node of a cluster when one does not answer, and goes on
 * where the group is; what it had not acknowledged comes again and is recognised by its id. It
 * takes the queues of all nodes: each frame names its queue, and so does the acknowledgement.
 *
 * <pre>
 * processing-server [options]
 *   --group NAME        consumer group, one of plenum.report.stream.groups (default erp)
 *   --url URL[,URL...]  application, at each node of a cluster (default http://127.0.0.1:8080/plenum)
 *   --name NAME         account (default ada); its password by PLENUM_PASSWORD (default demo-NAME)
 *   --out FILE          where reports go, one JSON object a line (default reports.jsonl)
 *   --stop-after N      ends after that many reports (default: never)
 * </pre>
 */
public final class ProcessingServer implements WebSocket.Listener {
  private static final int CREDIT = 500;
  private static final Set<String> OPTIONS =
      Set.of("--group", "--url", "--name", "--out", "--stop-after");
  private static final String HELP =
      """
      Options:
        --group NAME        consumer group, one of plenum.report.stream.groups (default erp)
        --url URL[,URL...]  application, at each node of a cluster (default http://127.0.0.1:8080/plenum)
        --name NAME         account (default ada); its password by PLENUM_PASSWORD (default demo-NAME)
        --out FILE          where reports go (default reports.jsonl), one JSON object a line
        --stop-after N      ends after that many reports (default: never)""";
  private static final Duration SILENCE = Duration.ofSeconds(20);
  private static final Pattern TOKEN = Pattern.compile("\"token\":\"([^\"]+)\"");
  private static final Pattern HEAD =
      Pattern.compile("^\\{\"sequence\":(\\d+),\"id\":\"([0-9a-f-]{36})\"");
  private static final String REPORTS = "{\"type\":\"reports\"";

  /** With its quotes and escapes, so that it is sent back as it came. */
  private static final Pattern QUEUE =
      Pattern.compile("^\\{\"type\":\"reports\"(,\"queue\":\"(?:[^\"\\\\]|\\\\.)*\")");

  private final BlockingQueue<String> frames = new LinkedBlockingQueue<>();
  private final StringBuilder partial = new StringBuilder();

  private ProcessingServer() {}

  /** Runs until it is stopped. */
  public static void main(String[] arguments) throws IOException, InterruptedException {
    Map<String, String> options = new HashMap<>();
    for (int i = 0; i < arguments.length; i += 2) {
      if (!OPTIONS.contains(arguments[i]) || i + 1 == arguments.length) {
        boolean help = arguments[i].equals("--help");
        (help ? System.out : System.err)
            .println(
                (help ? "" : "not understood, or without a value: " + arguments[i] + "\n") + HELP);
        System.exit(help ? 0 : 2);
      }
      options.put(arguments[i], arguments[i + 1]);
    }
    Path file = Path.of(options.getOrDefault("--out", "reports.jsonl"));
    long stopAfter = Long.parseLong(options.getOrDefault("--stop-after", "-1"));
    String[] urls = options.getOrDefault("--url", "http://127.0.0.1:8080/plenum").split(",", -1);
    long taken = 0;
    for (int attempt = 0; stopAfter < 0 || taken < stopAfter; attempt++) {
      try {
        taken +=
            new ProcessingServer()
                .take(urls[attempt % urls.length], options, file, stopAfter - taken);
      } catch (IOException | CompletionException e) {
        Throwable cause = e.getCause() == null ? e : e.getCause();
        System.err.println("not connected, trying again: " + cause);
        Thread.sleep(2_000);
      }
    }
    System.out.println("took " + taken + " reports");
  }

  /** Takes reports until the connection ends or there are enough; gives how many. */
  private long take(String url, Map<String, String> options, Path file, long enough)
      throws IOException, InterruptedException {
    String group = options.getOrDefault("--group", "erp");
    HttpClient http =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(SILENCE)
            .build();
    WebSocket socket =
        http.newWebSocketBuilder()
            .header("Authorization", "Bearer " + token(http, url, options))
            .connectTimeout(SILENCE)
            .buildAsync(
                URI.create(
                    url.replaceFirst("^http", "ws")
                        + "/api/v1/reports/stream?queues=all&group="
                        + group),
                this)
            .join();
    System.out.println("connected, group " + group);
    long taken = 0;
    try {
      say(socket, "{\"type\":\"credit\",\"count\":" + CREDIT + "}");
      while (enough < 0 || taken < enough) {
        String frame = frames.poll(SILENCE.toSeconds(), TimeUnit.SECONDS);
        if (frame == null) {
          say(socket, "{\"type\":\"ping\"}");
        } else if (frame.startsWith(REPORTS)) {
          Matcher queue = QUEUE.matcher(frame);
          taken += process(socket, queue.find() ? queue.group(1) : "", elements(frame), file);
        } else if (frame.startsWith("{\"type\":\"bye\"") || frame.isEmpty()) {
          throw new IOException("the stream ended: " + frame);
        } else {
          System.err.println(frame);
        }
      }
    } finally {
      socket.abort();
    }
    return taken;
  }

  /** Makes the effect durable, and only then acknowledges it. */
  private static int process(WebSocket socket, String queue, List<String> reports, Path file)
      throws IOException {
    StringBuilder lines = new StringBuilder();
    String last = "";
    for (String report : reports) {
      Matcher head = HEAD.matcher(report);
      if (!head.find()) {
        throw new IOException("not a report: " + report);
      }
      last = head.group(1);
      lines.append(report).append('\n');
    }
    Files.writeString(
        file,
        lines,
        StandardOpenOption.CREATE,
        StandardOpenOption.APPEND,
        StandardOpenOption.DSYNC);
    say(socket, "{\"type\":\"ack\"" + queue + ",\"sequence\":" + last + "}");
    say(socket, "{\"type\":\"credit\",\"count\":" + reports.size() + "}");
    return reports.size();
  }

  /** The objects of the array "reports"; braces in texts do not count. */
  private static List<String> elements(String frame) {
    List<String> elements = new ArrayList<>();
    int depth = 0;
    int start = 0;
    boolean text = false;
    for (int i = frame.indexOf("\"reports\":["); i < frame.length(); i++) {
      char c = frame.charAt(i);
      if (text) {
        if (c == '\\') {
          i++;
        } else if (c == '"') {
          text = false;
        }
      } else if (c == '"') {
        text = true;
      } else if (c == '{' && depth++ == 0) {
        start = i;
      } else if (c == '}' && --depth == 0) {
        elements.add(frame.substring(start, i + 1));
      }
    }
    return elements;
  }

  private static void say(WebSocket socket, String frame) {
    socket.sendText(frame, true).orTimeout(SILENCE.toSeconds(), TimeUnit.SECONDS).join();
  }

  private static String token(HttpClient http, String url, Map<String, String> options)
      throws IOException, InterruptedException {
    String name = options.getOrDefault("--name", "ada");
    String given = System.getenv("PLENUM_PASSWORD");
    String password = given == null ? "demo-" + name : given;
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(url + "/api/v1/tokens"))
            .header("Content-Type", "application/json")
            .timeout(SILENCE)
            .POST(
                HttpRequest.BodyPublishers.ofString(
                    "{\"name\":\"" + name + "\",\"password\":\"" + password + "\"}"))
            .build();
    HttpResponse<String> response = http.send(request, HttpResponse.BodyHandlers.ofString());
    Matcher token = TOKEN.matcher(response.body());
    if (response.statusCode() != 200 || !token.find()) {
      throw new IOException("no token: " + response.statusCode() + " " + response.body());
    }
    return token.group(1);
  }

  @Override
  public CompletionStage<?> onText(WebSocket webSocket, CharSequence data, boolean last) {
    partial.append(data);
    if (last) {
      frames.add(partial.toString());
      partial.setLength(0);
    }
    webSocket.request(1);
    return CompletableFuture.completedFuture(null);
  }

  @Override
  public CompletionStage<?> onClose(WebSocket webSocket, int statusCode, String reason) {
    frames.add("");
    return CompletableFuture.completedFuture(null);
  }

  @Override
  public void onError(WebSocket webSocket, Throwable error) {
    frames.add("");
  }
}
