package org.plenum.report.xmpp;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The messages that were read last, and from where reading them again would begin. An archive is in
 * the order of its ids, and with some servers a message comes to stand before one that was already
 * read: whoever reads on behind the last id never sees it. So the place that is kept for later lags
 * behind by an overlap, and what is read a second time is known from here. Bounded; for one thread.
 */
final class Trail {
  private final Duration overlap;
  private final int most;
  private final Deque<Step> steps = new ArrayDeque<>();
  private final Set<MessageToken> tokens = new HashSet<>();
  private final Map<String, Integer> ids = new HashMap<>();
  private @Nullable String base;
  private @Nullable Instant newest;
  private boolean held;

  private record Step(MessageToken token, @Nullable Instant at) {}

  /**
   * An empty trail.
   *
   * @param overlap by which the anchor lags, in the time of the archive
   * @param most messages that are kept
   */
  Trail(Duration overlap, int most) {
    this.overlap = overlap;
    this.most = most;
  }

  /** Forgets everything; what comes next comes behind this place, null for the beginning. */
  void startBehind(@Nullable String place) {
    steps.clear();
    tokens.clear();
    ids.clear();
    base = place;
    newest = null;
  }

  /** Whether the message was read. */
  boolean knows(MessageToken token) {
    return tokens.contains(token);
  }

  /** Whether a message of this id was read. */
  boolean knowsId(String id) {
    return ids.containsKey(id);
  }

  /**
   * Whether the anchor stays where it is, as far as the bound allows: while a message is missing
   * that may stand behind the anchor now, and would not when it had moved on.
   */
  void hold(boolean whether) {
    held = whether;
  }

  /** A message was read. */
  void add(MessageToken token, @Nullable Instant at) {
    steps.addLast(new Step(token, at));
    tokens.add(token);
    ids.merge(token.id(), 1, Integer::sum);
    if (at != null && (newest == null || at.isAfter(newest))) {
      newest = at;
    }
    while (steps.size() > most || (!held && isOld(steps.getFirst()))) {
      forgetFirst();
    }
  }

  private boolean isOld(Step step) {
    return step.at() != null
        && newest != null
        && Duration.between(step.at(), newest).compareTo(overlap) > 0;
  }

  private void forgetFirst() {
    MessageToken gone = steps.removeFirst().token();
    tokens.remove(gone);
    ids.computeIfPresent(gone.id(), (id, count) -> count == 1 ? null : count - 1);
    base = gone.id();
  }

  /** Behind this place reading goes on safely, now or after a restart; null for the beginning. */
  @Nullable String anchor() {
    return base;
  }

  /** Messages that are kept. */
  int size() {
    return steps.size();
  }
}
