package org.plenum.report.xmpp;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.plenum.report.api.NewReport;
import org.plenum.report.api.ReportAnswer;
import org.plenum.report.api.ReportService;

/**
 * Journals and processing in memory, by the rules of the port: a submission is durable as a whole
 * or not at all, a journal is processed in its order, a report takes effect once, and the position
 * of a source is that of its newest report that took effect. Thread-safe.
 */
final class FakeReports {
  private final List<NewReport> effects = new ArrayList<>();
  private final Set<List<String>> known = new HashSet<>();
  private final Map<String, String> positions = new HashMap<>();
  private Function<List<NewReport>, ReportAnswer.@Nullable Rejected> gate = reports -> null;

  /** What is refused, and how; null for nothing. */
  synchronized void gate(Function<List<NewReport>, ReportAnswer.@Nullable Rejected> rule) {
    gate = rule;
  }

  /** What took effect, in that order. */
  synchronized List<NewReport> effects() {
    return List.copyOf(effects);
  }

  /** One node with a journal of its own. */
  final class Node implements ReportService {
    private final List<NewReport> journal = new ArrayList<>();
    private final boolean atOnce;
    private int done;

    /** A node that processes at once, or when it is told to. */
    Node(boolean atOnce) {
      this.atOnce = atOnce;
    }

    @Override
    public boolean open() {
      return true;
    }

    @Override
    public CompletionStage<ReportAnswer> submit(List<NewReport> reports) {
      synchronized (FakeReports.this) {
        ReportAnswer.Rejected no = gate.apply(reports);
        if (no != null) {
          return CompletableFuture.completedFuture(no);
        }
        journal.addAll(reports);
        if (atOnce) {
          process(Integer.MAX_VALUE);
        }
        return CompletableFuture.completedFuture(
            new ReportAnswer.Accepted(journal.size() - reports.size() + 1L, journal.size()));
      }
    }

    /** Nothing is refused but by the gate. */
    @Override
    public Sorted submitEach(List<NewReport> reports) {
      return new Sorted(Collections.nCopies(reports.size(), null), submit(reports));
    }

    /** Processes up to this many reports of the journal. */
    void process(int most) {
      synchronized (FakeReports.this) {
        int end = (int) Math.min(journal.size(), (long) done + most);
        for (NewReport report : journal.subList(done, end)) {
          if (known.add(List.of(report.source(), report.key()))) {
            effects.add(report);
            if (report.position() != null) {
              positions.put(report.source(), report.position());
            }
          }
        }
        done = end;
      }
    }

    @Override
    public Optional<String> position(String source) {
      synchronized (FakeReports.this) {
        return Optional.ofNullable(positions.get(source));
      }
    }
  }
}
