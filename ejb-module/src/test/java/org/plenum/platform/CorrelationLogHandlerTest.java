package org.plenum.platform;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.ListResourceBundle;
import java.util.concurrent.atomic.AtomicReference;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.logging.SimpleFormatter;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;

/** Hears every logger of the JVM. */
@Isolated
class CorrelationLogHandlerTest {
  private static final Logger ROOT = Logger.getLogger("");

  private final Sink sink = new Sink();
  private CorrelationLogHandler handler;

  @BeforeEach
  void install() {
    ROOT.addHandler(sink);
    handler = CorrelationLogHandler.install();
  }

  @AfterEach
  void uninstall() {
    handler.uninstall();
    ROOT.removeHandler(sink);
  }

  @Test
  void linesOfARequestCarryItsIdWhoeverLogsThem() {
    CorrelationId.during(
        "r-1",
        () -> {
          Logger.getLogger("org.plenum.some.Feature").info("ours");
          Logger.getLogger("jakarta.enterprise.container").log(Level.WARNING, "{0} failed", "it");
          Logger.getLogger("com.library.Thing").info("a library's");
        });

    assertThat(sink.lines).containsExactly("[r-1] ours", "[r-1] it failed", "[r-1] a library's");
  }

  @Test
  void linesOutsideOfARequestStayAsTheyAre() {
    Logger.getLogger("org.plenum.some.Feature").info("nobody's");

    assertThat(sink.lines).containsExactly("nobody's");
  }

  @Test
  void aTextOfABundleIsLookedUpAndItsKeyKept() {
    LogRecord record = new LogRecord(Level.WARNING, "AS-EJB-00056");
    record.setResourceBundle(new Texts());
    record.setParameters(new Object[] {"GroupService"});

    CorrelationId.during("r-2", () -> Logger.getLogger("jakarta.enterprise.ejb").log(record));

    assertThat(sink.lines)
        .containsExactly("[r-2] AS-EJB-00056: A system exception in GroupService");
  }

  @Test
  void idsNestAndEnd() {
    AtomicReference<String> inner = new AtomicReference<>();
    CorrelationId.during(
        "outer",
        () -> {
          inner.set(CorrelationId.during("inner", () -> "" + CorrelationId.current()));
          assertThat(CorrelationId.current()).isEqualTo("outer");
        });

    assertThat(inner).hasValue("inner");
    assertThat(CorrelationId.current()).isNull();
  }

  @Test
  void aMessageIdCannotForgeALine() {
    assertThat(CorrelationId.ofMessage("ID:1-127.0.0.1(aa:bb)-4-17\n[x] SEVERE {0}"))
        .isEqualTo("ID:1-127.0.0.1(aa:bb)-4-17__x__SEVERE__0_");
    assertThat(CorrelationId.ofMessage("x".repeat(500))).hasSize(128);
  }

  private static final class Texts extends ListResourceBundle {
    @Override
    protected Object[][] getContents() {
      return new Object[][] {{"AS-EJB-00056", "A system exception in {0}"}};
    }
  }

  private static final class Sink extends Handler {
    private final List<String> lines = new ArrayList<>();
    private final SimpleFormatter formatter = new SimpleFormatter();

    @Override
    public void publish(LogRecord record) {
      lines.add(formatter.formatMessage(record));
    }

    @Override
    public void flush() {}

    @Override
    public void close() {}
  }
}
