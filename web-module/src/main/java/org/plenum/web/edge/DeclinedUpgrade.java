package org.plenum.web.edge;

import jakarta.servlet.ReadListener;
import jakarta.servlet.ServletInputStream;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import org.plenum.platform.ErrorCode;
import org.plenum.platform.ServiceException;

/**
 * A request that asks for a protocol that is not spoken here, as Java's HTTP client asks for HTTP/2
 * ({@code Upgrade: h2c}) in its first request. Such a wish may be ignored, but the container's
 * connector takes all that follows the header for the other protocol, so the body never ends. Here
 * it ends where {@code Content-Length} says. Confined to its request.
 */
final class DeclinedUpgrade extends HttpServletRequestWrapper {
  private @Nullable Body body;

  private DeclinedUpgrade(HttpServletRequest request) {
    super(request);
  }

  /**
   * The request as it is, or with a body that ends.
   *
   * @throws ServiceException with {@link ErrorCode#LENGTH_REQUIRED} when the body has no length:
   *     the chunks of such a request are not decoded
   */
  static HttpServletRequest of(HttpServletRequest request) {
    String upgrade = request.getHeader("Upgrade");
    if (upgrade == null
        || (upgrade.equalsIgnoreCase("websocket") && request.getMethod().equals("GET"))) {
      return request;
    }
    if (request.getHeader("Transfer-Encoding") != null) {
      throw new ServiceException(
          ErrorCode.LENGTH_REQUIRED,
          "a request with the header Upgrade needs a Content-Length, or leave Upgrade out");
    }
    return new DeclinedUpgrade(request);
  }

  @Override
  public ServletInputStream getInputStream() throws IOException {
    if (body == null) {
      body = new Body(super.getInputStream(), Math.max(0, getContentLengthLong()));
    }
    return body;
  }

  @Override
  public BufferedReader getReader() throws IOException {
    return new BufferedReader(new InputStreamReader(getInputStream(), StandardCharsets.UTF_8));
  }

  /** Blocking reads of as many bytes as were announced. */
  private static final class Body extends ServletInputStream {
    private final ServletInputStream in;
    private long left;

    Body(ServletInputStream in, long length) {
      this.in = in;
      this.left = length;
    }

    @Override
    public int read() throws IOException {
      if (left == 0) {
        return -1;
      }
      int read = in.read();
      left = read < 0 ? 0 : left - 1;
      return read;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
      if (length == 0) {
        return 0;
      }
      if (left == 0) {
        return -1;
      }
      int read = in.read(bytes, offset, (int) Math.min(length, left));
      left = read < 0 ? 0 : left - read;
      return read;
    }

    @Override
    public boolean isFinished() {
      return left == 0;
    }

    @Override
    public boolean isReady() {
      return left == 0 || in.isReady();
    }

    @Override
    public void setReadListener(ReadListener listener) {
      throw new IllegalStateException("a declined upgrade is read by blocking reads only");
    }
  }
}
