package org.plenum.balancer;

import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;
import org.plenum.balancer.Peers.Answer;

/** Asks each peer whether it is ready, one question at a time for each. Thread-safe. */
final class PeerCheck implements AutoCloseable {
  private static final Logger LOG = Logger.getLogger(PeerCheck.class.getName());
  private static final int OK = 200;

  private final HttpClient client;
  private final Duration limit;
  private final Peers peers;
  private final Set<Peer> asked = ConcurrentHashMap.newKeySet();

  PeerCheck(Peers peers, Duration limit, Executor executor) {
    this.peers = peers;
    this.limit = limit;
    this.client =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(limit)
            .executor(executor)
            .build();
  }

  /** Asks all that do not owe an answer; what they say goes to the peers. */
  void askAll() {
    for (Peer peer : peers.all()) {
      if (asked.add(peer)) {
        HttpRequest request =
            HttpRequest.newBuilder(URI.create(peer.url() + "/health/ready")).timeout(limit).build();
        var unused =
            client
                .sendAsync(request, BodyHandlers.discarding())
                .whenComplete(
                    (response, failure) -> {
                      asked.remove(peer);
                      peers.checked(
                          peer,
                          failure != null
                              ? answer(peer, failure)
                              : response.statusCode() == OK ? Answer.READY : Answer.NOT_READY);
                    });
      }
    }
  }

  private static Answer answer(Peer peer, @Nullable Throwable failure) {
    LOG.log(Level.FINE, "no answer of " + peer.name(), failure);
    Throwable cause =
        failure instanceof CompletionException && failure.getCause() != null
            ? failure.getCause()
            : failure;
    // A wait for the connection that is too long is one as well, but says nothing of who listens.
    return cause instanceof ConnectException
            && !(cause instanceof java.net.http.HttpConnectTimeoutException)
        ? Answer.REFUSED
        : Answer.NONE;
  }

  @Override
  public void close() {
    client.shutdownNow();
  }
}
