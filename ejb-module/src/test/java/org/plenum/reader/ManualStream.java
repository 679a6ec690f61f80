package org.plenum.reader;

import java.util.ArrayList;
import java.util.List;
import org.plenum.update.Update;
import org.plenum.update.UpdateListener;
import org.plenum.update.UpdateStream;

/** An update stream that moves when the test says so. */
final class ManualStream implements UpdateStream {
  private final List<UpdateListener> listeners = new ArrayList<>();
  private long applied;

  ManualStream(long applied) {
    this.applied = applied;
  }

  @Override
  public long subscribe(UpdateListener listener) {
    listeners.add(listener);
    return applied;
  }

  @Override
  public long appliedRevision() {
    return applied;
  }

  void deliver(List<Update> updates) {
    if (!updates.isEmpty()) {
      listeners.forEach(listener -> listener.onUpdates(updates));
      applied = updates.getLast().revision();
    }
  }

  void anotherHistory(long revision) {
    listeners.forEach(listener -> listener.onAnotherHistory(revision));
    applied = revision;
  }

  @Override
  public long lagMillis() {
    return 0;
  }
}
