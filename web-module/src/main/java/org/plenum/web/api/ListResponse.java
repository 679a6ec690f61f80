package org.plenum.web.api;

import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.plenum.group.api.Page;

/**
 * One page of a list.
 *
 * @param next cursor of the following page, null at the end
 */
public record ListResponse<T>(List<T> items, @Nullable String next) {
  /** The page with each item as clients see it. */
  public static <S, T> ListResponse<T> of(Page<S> page, Function<S, T> view) {
    return new ListResponse<>(page.items().stream().map(view).toList(), page.next());
  }
}
