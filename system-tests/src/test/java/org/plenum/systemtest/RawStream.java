package org.plenum.systemtest;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.plenum.testkit.RestClient;

/**
 * A WebSocket without a library, for peers that misbehave: it reads only when told and answers no
 * ping. Not thread-safe.
 */
final class RawStream implements AutoCloseable {
  private static final int TIMEOUT_MILLIS = 30_000;

  private final Socket socket = new Socket();
  private final DataInputStream in;

  /** What came: a JSON frame, or the close frame's code with which the server ends. */
  record Received(JsonNode frame, int closeCode) {
    String type() {
      return frame.path("type").asText();
    }
  }

  /**
   * Opens the socket; the hello is the caller's.
   *
   * @param receiveBuffer bytes that the kernel takes for a peer that does not read; 0 for the usual
   */
  RawStream(RestClient client, int receiveBuffer) throws IOException {
    if (receiveBuffer > 0) {
      socket.setReceiveBufferSize(receiveBuffer);
    }
    socket.setSoTimeout(TIMEOUT_MILLIS);
    socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), client.api().getPort()));
    in = new DataInputStream(socket.getInputStream());
    String request =
        """
        GET %s/stream HTTP/1.1
        Host: %s
        Upgrade: websocket
        Connection: Upgrade
        Sec-WebSocket-Version: 13
        Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==
        Sec-WebSocket-Protocol: plenum.v1
        Authorization: Bearer %s

        """
            .formatted(client.api().getPath(), client.api().getAuthority(), client.token());
    socket.getOutputStream().write(request.replace("\n", "\r\n").getBytes(ISO_8859_1));
    String status = line();
    if (!status.contains(" 101 ")) {
      throw new IOException(status);
    }
    while (!line().isEmpty()) {
      // The headers of the answer say nothing that is needed here.
    }
  }

  private String line() throws IOException {
    StringBuilder line = new StringBuilder();
    for (int next = in.readUnsignedByte(); next != '\n'; next = in.readUnsignedByte()) {
      if (next != '\r') {
        line.append((char) next);
      }
    }
    return line.toString();
  }

  void send(String text) throws IOException {
    byte[] payload = text.getBytes(UTF_8);
    byte[] mask = {1, 2, 3, 4};
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(0x81);
    if (payload.length < 126) {
      out.write(0x80 | payload.length);
    } else {
      out.writeBytes(new byte[] {(byte) 0xFE, (byte) (payload.length >> 8), (byte) payload.length});
    }
    out.writeBytes(mask);
    for (int i = 0; i < payload.length; i++) {
      out.write(payload[i] ^ mask[i % 4]);
    }
    socket.getOutputStream().write(out.toByteArray());
  }

  /** The next text or close frame; empty at the end of the connection, however it ends. */
  Optional<Received> next() throws IOException {
    try {
      while (true) {
        int first = in.readUnsignedByte();
        int length = in.readUnsignedByte();
        if (length == 126) {
          length = in.readUnsignedShort();
        } else if (length == 127) {
          length = Math.toIntExact(in.readLong());
        }
        byte[] payload = in.readNBytes(length);
        if (first == 0x81) {
          return Optional.of(new Received(RestClient.json(new String(payload, UTF_8)), 0));
        }
        if (first == 0x88) {
          int code = ((payload[0] & 0xFF) << 8) | (payload[1] & 0xFF);
          return Optional.of(new Received(RestClient.json(""), code));
        }
      }
    } catch (EOFException | SocketException e) {
      return Optional.empty();
    }
  }

  /** Everything up to the end of the connection. */
  List<Received> rest() throws IOException {
    List<Received> all = new ArrayList<>();
    for (Optional<Received> one = next(); one.isPresent(); one = next()) {
      all.add(one.get());
    }
    return all;
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
