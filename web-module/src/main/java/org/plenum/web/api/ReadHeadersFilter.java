package org.plenum.web.api;

import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.container.ContainerResponseContext;
import jakarta.ws.rs.container.ContainerResponseFilter;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MultivaluedMap;
import org.plenum.update.UpdateStream;

/** Tells how new an answer is, and keeps it out of caches unless the operation knows better. */
final class ReadHeadersFilter implements ContainerResponseFilter {
  private final UpdateStream updates;

  ReadHeadersFilter(UpdateStream updates) {
    this.updates = updates;
  }

  @Override
  public void filter(ContainerRequestContext request, ContainerResponseContext response) {
    MultivaluedMap<String, Object> headers = response.getHeaders();
    if (!headers.containsKey(Call.POSITION)) {
      headers.putSingle(Call.POSITION, Long.toString(updates.appliedRevision()));
    }
    headers.putSingle(Call.LAG, Long.toString(updates.lagMillis()));
    if (!headers.containsKey(HttpHeaders.CACHE_CONTROL)) {
      headers.putSingle(HttpHeaders.CACHE_CONTROL, "no-store");
    }
  }
}
