package org.plenum.web.push;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.plenum.platform.ErrorCode;
import org.plenum.platform.ServiceException;

/** How many sockets there may be, on this node and of each account. Thread-safe. */
final class SocketPlaces {
  private static final Duration RETRY_LATER = Duration.ofSeconds(5);

  private final int total;
  private final int each;
  private final Map<Long, Integer> perAccount = new ConcurrentHashMap<>();
  private final AtomicInteger taken = new AtomicInteger();

  /**
   * Places.
   *
   * @param total on this node
   * @param each of one account
   */
  SocketPlaces(int total, int each) {
    this.total = total;
    this.each = each;
  }

  int taken() {
    return taken.get();
  }

  /**
   * Takes a place.
   *
   * @throws ServiceException RATE_LIMITED when the account has too many, READ_UNAVAILABLE when this
   *     node has too many
   */
  void take(long account) {
    if (taken.incrementAndGet() > total) {
      taken.decrementAndGet();
      throw noMore();
    }
    int open = perAccount.merge(account, 1, Integer::sum);
    if (open > each) {
      giveBack(account);
      throw new ServiceException(
          ErrorCode.RATE_LIMITED, "the account has too many open sockets", RETRY_LATER, null);
    }
  }

  void giveBack(long account) {
    taken.decrementAndGet();
    perAccount.computeIfPresent(account, (id, open) -> open == 1 ? null : open - 1);
  }

  static ServiceException noMore() {
    return new ServiceException(
        ErrorCode.READ_UNAVAILABLE, "this node takes no more sockets", RETRY_LATER, null);
  }
}
