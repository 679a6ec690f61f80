package org.plenum.web.page;

import jakarta.servlet.Filter;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletResponse;
import jakarta.servlet.annotation.WebFilter;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;

/**
 * Browsers ask again for the page's files (an unchanged one costs a 304), so that after a new
 * deployment nobody runs modules of two versions together. Thread-safe.
 */
@WebFilter(
    urlPatterns = {"", "/index.html", "/icon.svg", "/app/*", "/css/*", "/vendor/*", "/embed/*"},
    asyncSupported = true)
public class PageCacheFilter implements Filter {
  @Override
  public void doFilter(ServletRequest request, ServletResponse response, FilterChain chain)
      throws IOException, ServletException {
    if (response instanceof HttpServletResponse http) {
      http.setHeader("Cache-Control", "no-cache");
    }
    chain.doFilter(request, response);
  }
}
