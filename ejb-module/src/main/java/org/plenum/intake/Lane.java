package org.plenum.intake;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.plenum.group.api.GroupId;

/** The commands of one group in one batch, in their order. Confined to one thread. */
final class Lane {
  private final GroupId group;
  private final Deque<LegacyLetter> waiting = new ArrayDeque<>();
  private final List<LegacyLetter> again = new ArrayList<>();
  private boolean stopped;

  Lane(GroupId group) {
    this.group = group;
  }

  void add(LegacyLetter letter) {
    waiting.addLast(letter);
  }

  /** Whether there is something to send. */
  boolean active() {
    return !stopped && !waiting.isEmpty();
  }

  /** The next command, or null. */
  @Nullable LegacyLetter next() {
    return waiting.pollFirst();
  }

  /** Takes back a command of this round; to be called in the order of sending. */
  void again(LegacyLetter letter) {
    again.add(letter);
  }

  /** Puts what was taken back before what was not sent yet. */
  void regroup() {
    for (int i = again.size() - 1; i >= 0; i--) {
      waiting.addFirst(again.get(i));
    }
    again.clear();
  }

  /** Sends nothing more of this batch. */
  void stop() {
    stopped = true;
  }

  @Override
  public String toString() {
    return "lane of " + group + ", " + waiting.size() + " waiting";
  }
}
