package org.plenum.web.api;

import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.container.ContainerResponseContext;
import jakarta.ws.rs.container.ContainerResponseFilter;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MultivaluedMap;
import java.net.HttpURLConnection;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.plenum.group.api.ReadPoint;
import org.plenum.update.UpdateStream;

/**
 * Tells how new an answer is, and keeps it out of caches unless the operation knows better. A
 * position never goes back: what was read from the database because this node is behind what the
 * caller has seen, or was written before it, is answered with the position that the caller brought
 * (GRP-5).
 */
final class ReadHeadersFilter implements ContainerResponseFilter {
  private static final Pattern NUMBER = Pattern.compile("[0-9]{1,18}");

  private final UpdateStream updates;

  ReadHeadersFilter(UpdateStream updates) {
    this.updates = updates;
  }

  @Override
  public void filter(ContainerRequestContext request, ContainerResponseContext response) {
    MultivaluedMap<String, Object> headers = response.getHeaders();
    // A write says its own revision.
    Object written = headers.getFirst(Call.POSITION);
    long here = written == null ? reached(request) : Long.parseLong(String.valueOf(written));
    long position = position(here, request.getHeaderString(Call.POSITION), response.getStatus());
    headers.putSingle(Call.POSITION, Long.toString(position));
    headers.putSingle(Call.LAG, Long.toString(updates.lagMillis()));
    if (!headers.containsKey(HttpHeaders.CACHE_CONTROL)) {
      headers.putSingle(HttpHeaders.CACHE_CONTROL, "no-store");
    }
  }

  /**
   * What a read showed, which may be ahead of what is applied here: the database is asked when
   * something is not in memory, or when this node is behind the caller.
   */
  private long reached(ContainerRequestContext request) {
    ReadPoint point = Call.readPointOf(request);
    return Math.max(updates.appliedRevision(), point == null ? 0 : point.shown());
  }

  /** What is answered to a caller that brought a position by a node that is here. */
  static long position(long here, @Nullable String brought, int status) {
    // What was refused says nothing of what the caller may see.
    boolean read = status < HttpURLConnection.HTTP_BAD_REQUEST;
    return read && brought != null && NUMBER.matcher(brought.strip()).matches()
        ? Math.max(here, Long.parseLong(brought.strip()))
        : here;
  }
}
