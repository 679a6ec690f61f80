package org.plenum.report.xmpp;

import java.util.ArrayList;
import java.util.List;

/** Letters in memory. Thread-safe. */
final class FakeLetters implements XmppLetters {
  private final List<Letter> letters = new ArrayList<>();

  @Override
  public synchronized void keep(List<Letter> more) {
    for (Letter letter : more) {
      if (letters.stream().noneMatch(known -> known.archiveId().equals(letter.archiveId()))) {
        letters.add(letter);
      }
    }
  }

  synchronized List<Letter> letters() {
    return List.copyOf(letters);
  }
}
