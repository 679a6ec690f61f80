package org.plenum.systemtest;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import org.plenum.testkit.PlenumServer;

/** Reads single figures of {@code /metrics}. */
final class Metrics {
  private static final HttpClient HTTP = HttpClient.newHttpClient();

  private Metrics() {}

  /**
   * The sum of all samples of a metric whose name is the given one, prefix left out; 0 for none.
   */
  static double of(PlenumServer server, String name) {
    URI uri = URI.create("http://127.0.0.1:" + server.httpPort() + "/metrics");
    try {
      return in(
          HTTP.send(HttpRequest.newBuilder(uri).build(), BodyHandlers.ofString()).body(), name);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
  }

  /** The same in the text of {@code /metrics}. */
  static double in(String text, String name) {
    return text.lines()
        .filter(line -> !line.startsWith("#"))
        .filter(line -> line.split("[{ ]", 2)[0].endsWith(name))
        .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
        .sum();
  }
}
