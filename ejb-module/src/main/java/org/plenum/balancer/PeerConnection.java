package org.plenum.balancer;

import io.undertow.client.ClientCallback;
import io.undertow.client.ClientConnection;
import io.undertow.client.ClientExchange;
import io.undertow.client.ClientRequest;
import io.undertow.client.ClientStatistics;
import io.undertow.connector.ByteBufferPool;
import java.io.IOException;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.util.concurrent.TimeUnit;
import org.xnio.ChannelListener;
import org.xnio.IoUtils;
import org.xnio.Option;
import org.xnio.StreamConnection;
import org.xnio.XnioIoThread;
import org.xnio.XnioWorker;
import org.xnio.channels.StreamSinkChannel;

/**
 * A connection that sends a body which was read before, each time a request is sent on it: the
 * proxy handler itself passes a body on only while it comes, and so only once. Used by the
 * connection's I/O thread.
 */
final class PeerConnection implements ClientConnection {
  private final ClientConnection connection;
  private final byte[] body;

  PeerConnection(ClientConnection connection, byte[] body) {
    this.connection = connection;
    this.body = body;
  }

  @Override
  public void sendRequest(ClientRequest request, ClientCallback<ClientExchange> callback) {
    connection.sendRequest(request, new Sending(callback, ByteBuffer.wrap(body)));
  }

  /** Writes the body, then tells who waits; whatever happens, once. */
  private static final class Sending implements ClientCallback<ClientExchange> {
    private final ClientCallback<ClientExchange> callback;
    private final ByteBuffer left;
    private boolean told;

    Sending(ClientCallback<ClientExchange> callback, ByteBuffer body) {
      this.callback = callback;
      this.left = body;
    }

    @Override
    public void completed(ClientExchange exchange) {
      // Until all is sent: an answer that comes early, or the end of the connection.
      exchange.setResponseListener(
          new ClientCallback<>() {
            @Override
            public void completed(ClientExchange early) {
              sent(early);
            }

            @Override
            public void failed(IOException e) {
              Sending.this.failed(e);
            }
          });
      write(exchange, exchange.getRequestChannel());
    }

    private void write(ClientExchange exchange, StreamSinkChannel channel) {
      if (told) {
        return;
      }
      try {
        while (left.hasRemaining()) {
          if (channel.write(left) == 0) {
            channel.getWriteSetter().set(ready -> write(exchange, channel));
            channel.resumeWrites();
            return;
          }
        }
        channel.suspendWrites();
        channel.getWriteSetter().set(null);
        sent(exchange);
      } catch (IOException e) {
        IoUtils.safeClose(exchange.getConnection());
        failed(e);
      }
    }

    private void sent(ClientExchange exchange) {
      if (!told) {
        told = true;
        callback.completed(exchange);
      }
    }

    @Override
    public void failed(IOException e) {
      if (!told) {
        told = true;
        callback.failed(e);
      }
    }
  }

  @Override
  public StreamConnection performUpgrade() throws IOException {
    return connection.performUpgrade();
  }

  @Override
  public ByteBufferPool getBufferPool() {
    return connection.getBufferPool();
  }

  @Override
  public SocketAddress getPeerAddress() {
    return connection.getPeerAddress();
  }

  @Override
  public <A extends SocketAddress> A getPeerAddress(Class<A> type) {
    return connection.getPeerAddress(type);
  }

  @Override
  public ChannelListener.Setter<? extends ClientConnection> getCloseSetter() {
    return connection.getCloseSetter();
  }

  @Override
  public SocketAddress getLocalAddress() {
    return connection.getLocalAddress();
  }

  @Override
  public <A extends SocketAddress> A getLocalAddress(Class<A> type) {
    return connection.getLocalAddress(type);
  }

  @Override
  public XnioWorker getWorker() {
    return connection.getWorker();
  }

  @Override
  public XnioIoThread getIoThread() {
    return connection.getIoThread();
  }

  @Override
  public boolean isOpen() {
    return connection.isOpen();
  }

  @Override
  public boolean supportsOption(Option<?> option) {
    return connection.supportsOption(option);
  }

  @Override
  public <T> T getOption(Option<T> option) throws IOException {
    return connection.getOption(option);
  }

  @Override
  public <T> T setOption(Option<T> option, T value) throws IOException {
    return connection.setOption(option, value);
  }

  @Override
  public boolean isUpgraded() {
    return connection.isUpgraded();
  }

  @Override
  public boolean isPushSupported() {
    return connection.isPushSupported();
  }

  @Override
  public boolean isMultiplexingSupported() {
    return connection.isMultiplexingSupported();
  }

  @Override
  public ClientStatistics getStatistics() {
    return connection.getStatistics();
  }

  @Override
  public boolean isUpgradeSupported() {
    return connection.isUpgradeSupported();
  }

  @Override
  public void addCloseListener(ChannelListener<ClientConnection> listener) {
    connection.addCloseListener(listener);
  }

  @Override
  public boolean isPingSupported() {
    return connection.isPingSupported();
  }

  @Override
  public void sendPing(PingListener listener, long timeout, TimeUnit unit) {
    connection.sendPing(listener, timeout, unit);
  }

  @Override
  public void close() throws IOException {
    connection.close();
  }
}
