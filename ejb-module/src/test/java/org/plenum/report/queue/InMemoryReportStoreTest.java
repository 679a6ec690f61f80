package org.plenum.report.queue;

/** The fake that the tests of the rules use keeps to the contract of the real ones. */
class InMemoryReportStoreTest extends ReportStoreContract {
  private final InMemoryReportStore.Shelf shelf = new InMemoryReportStore.Shelf();

  @Override
  protected ReportStore store() {
    return new InMemoryReportStore(shelf, false);
  }

  @Override
  protected ReportStore weakStore() {
    return new InMemoryReportStore(shelf, true);
  }
}
