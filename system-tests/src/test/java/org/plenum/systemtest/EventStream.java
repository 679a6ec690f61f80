package org.plenum.systemtest;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.plenum.testkit.RestClient;

/** Server-sent events as they come. Not thread-safe. */
final class EventStream implements AutoCloseable {
  private static final HttpClient HTTP =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  private final HttpResponse<InputStream> response;
  private final BufferedReader lines;
  private String lastId = "";

  EventStream(RestClient client, Map<String, String> headers)
      throws IOException, InterruptedException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(client.api() + "/events"))
            .timeout(Duration.ofSeconds(20));
    if (client.token() != null) {
      request.header("Authorization", "Bearer " + client.token());
    }
    headers.forEach(request::header);
    response = HTTP.send(request.build(), BodyHandlers.ofInputStream());
    lines = new BufferedReader(new InputStreamReader(response.body(), StandardCharsets.UTF_8));
  }

  int status() {
    return response.statusCode();
  }

  /** The whole body, of an answer that is no stream. */
  JsonNode problem() throws IOException {
    return RestClient.json(String.join("\n", lines.lines().toList()));
  }

  /** The next frame; empty at the end of the stream. */
  Optional<JsonNode> next() throws IOException {
    String id = lastId;
    Optional<JsonNode> frame = Optional.empty();
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      if (line.startsWith("data:")) {
        frame = Optional.of(RestClient.json(line.substring("data:".length())));
      } else if (line.startsWith("id:")) {
        id = line.substring("id:".length()).strip();
      } else if (line.isEmpty() && frame.isPresent()) {
        lastId = id;
        return frame;
      }
    }
    return Optional.empty();
  }

  /** The id that a client would reconnect with now; empty before the first. */
  String lastId() {
    return lastId;
  }

  @Override
  public void close() throws IOException {
    lines.close();
  }
}
