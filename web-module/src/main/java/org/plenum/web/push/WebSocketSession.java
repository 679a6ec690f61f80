package org.plenum.web.push;

import jakarta.servlet.ReadListener;
import jakarta.servlet.ServletInputStream;
import java.io.IOException;

/** The reading side of a WebSocket; its callbacks come one at a time from container threads. */
final class WebSocketSession implements ReadListener, FrameDecoder.Events {
  private final ServletInputStream input;
  private final PushConnection connection;
  private final MessageHandler handler;
  private final FrameDecoder decoder;
  private boolean broken;

  WebSocketSession(ServletInputStream input, PushConnection connection, MessageHandler handler) {
    this.input = input;
    this.connection = connection;
    this.handler = handler;
    this.decoder = new FrameDecoder(handler.hub().config().messageBytes());
  }

  /**
   * Begins to read. Under the lock of {@link #onDataAvailable()}: the container may call back on
   * another thread while this one is still inside its input buffer, and the buffer's next
   * registration must not overlap with the first, else two threads read one connection and bytes
   * are swapped or lost.
   */
  synchronized void start() {
    input.setReadListener(this);
  }

  @Override
  public synchronized void onDataAvailable() {
    byte[] buffer = ScratchBuffers.take();
    try {
      while (input.isReady()) {
        int length = input.read(buffer);
        if (length < 0) {
          connection.outbound().kill();
          return;
        }
        connection.heard();
        if (!broken) {
          decoder.feed(buffer, 0, length, this);
        }
      }
    } catch (ProtocolViolation e) {
      broken = true;
      handler.hub().meters().violation();
      connection.close(e.closeCode(), e.reason(), null);
    } catch (IOException | IllegalStateException e) {
      // The peer is gone, or the container took the stream back because it is.
      connection.outbound().kill();
    } finally {
      ScratchBuffers.giveBack(buffer);
    }
  }

  @Override
  public void onAllDataRead() {
    connection.outbound().kill();
  }

  @Override
  public void onError(Throwable failure) {
    connection.outbound().kill();
  }

  @Override
  public void onText(byte[] utf8, int length) {
    if (!connection.closing()) {
      handler.handle(connection, ClientMessageParser.parse(utf8, length));
    }
  }

  @Override
  public void onBinary() throws ProtocolViolation {
    throw new ProtocolViolation(CloseCode.UNSUPPORTED_DATA, "text only");
  }

  @Override
  public void onPing(byte[] payload) {
    connection.answer(Frame.control(WebSocketFrames.pong(payload)), null);
  }

  @Override
  public void onPong() {
    // Any traffic shows that the peer is alive.
  }

  @Override
  public void onClose(int code) {
    connection.peerClosed(code);
  }
}
