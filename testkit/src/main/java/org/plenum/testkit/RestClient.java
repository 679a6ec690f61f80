package org.plenum.testkit;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Speaks to {@code /api/v1} as one account, or as nobody. Every answer is returned, errors too;
 * only a broken connection throws. Immutable and thread-safe.
 */
public final class RestClient {
  static final ObjectMapper JSON = new ObjectMapper();
  private static final HttpClient HTTP =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .connectTimeout(Duration.ofSeconds(5))
          .build();

  private final URI api;
  private final @Nullable String token;
  private final JsonNode account;

  private RestClient(URI api, @Nullable String token, JsonNode account) {
    this.api = api;
    this.token = token;
    this.account = account;
  }

  /** An answer; the body is a missing node when there was none or it is not JSON. */
  public record Reply(int status, HttpHeaders headers, JsonNode body, String text) {
    /** This answer, when its status is the expected one. */
    public Reply expect(int expected) {
      if (status != expected) {
        throw new AssertionError("expected %d, was %d: %s".formatted(expected, status, text));
      }
      return this;
    }

    /** The error code of a problem answer, else an empty text. */
    public String code() {
      return body.path("code").asText("");
    }
  }

  /**
   * A client of nobody.
   *
   * @param application the application's root, such as {@code http://127.0.0.1:8080/plenum}
   */
  public static RestClient anonymous(URI application) {
    return new RestClient(
        URI.create(application + "/api/v1"), null, JSON.getNodeFactory().missingNode());
  }

  /** A client that carries this token, whatever it is worth. */
  public RestClient withToken(String bearer) {
    return new RestClient(api, bearer, account);
  }

  /** Signs in with the embedded realm. */
  public RestClient signIn(String name, String password) {
    JsonNode body = post("/tokens", Map.of("name", name, "password", password)).expect(200).body();
    return new RestClient(api, body.path("token").asText(), body.path("account"));
  }

  /** The account's id, 0 for nobody. */
  public long id() {
    return account.path("id").asLong();
  }

  /** The account's display name. */
  public String displayName() {
    return account.path("displayName").asText();
  }

  /** The bearer token, or null for nobody. */
  public @Nullable String token() {
    return token;
  }

  /** The API's root. */
  public URI api() {
    return api;
  }

  /** GET. */
  public Reply get(String path) {
    return send("GET", path, null, Map.of());
  }

  /** POST with a JSON body; null sends none. */
  public Reply post(String path, @Nullable Object body) {
    return send("POST", path, body, Map.of());
  }

  /** PATCH with a JSON body. */
  public Reply patch(String path, Object body) {
    return send("PATCH", path, body, Map.of());
  }

  /** PUT with a JSON body. */
  public Reply put(String path, Object body) {
    return send("PUT", path, body, Map.of());
  }

  /** Any method with a JSON body and further headers. */
  public Reply send(
      String method, String path, @Nullable Object body, Map<String, String> headers) {
    try {
      byte[] bytes = body == null ? null : JSON.writeValueAsBytes(body);
      return sendBytes(method, path, bytes, "application/json", headers);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Any method with any body; for malformed ones. */
  public Reply sendBytes(
      String method,
      String path,
      byte @Nullable [] body,
      String contentType,
      Map<String, String> headers) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(api + path)).timeout(Duration.ofSeconds(60));
    if (token != null) {
      request.header("Authorization", "Bearer " + token);
    }
    headers.forEach(request::header);
    if (body != null) {
      request.header("Content-Type", contentType);
    }
    request.method(
        method, body == null ? BodyPublishers.noBody() : BodyPublishers.ofByteArray(body));
    try {
      HttpResponse<byte[]> response = HTTP.send(request.build(), BodyHandlers.ofByteArray());
      return new Reply(
          response.statusCode(),
          response.headers(),
          parsed(response.body()),
          new String(response.body(), StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
  }

  /** Reads JSON; a missing node when it is none. */
  public static JsonNode json(String text) {
    return parsed(text.getBytes(StandardCharsets.UTF_8));
  }

  /** Writes JSON. */
  public static String text(Object value) {
    try {
      return JSON.writeValueAsString(value);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static JsonNode parsed(byte[] bytes) {
    if (bytes.length == 0) {
      return JSON.getNodeFactory().missingNode();
    }
    try {
      return JSON.readTree(bytes);
    } catch (IOException e) {
      return JSON.getNodeFactory().missingNode();
    }
  }
}
