package org.plenum.platform;

/** Numbers of leases that are rows with an {@code epoch}. */
public final class LeaseEpoch {
  /**
   * The next epoch, in SQL: never one that was given before, also when the database went back to an
   * earlier state (ADR 0062).
   */
  public static final String NEXT =
      "GREATEST(epoch + 1, CAST(FLOOR(EXTRACT(EPOCH FROM CURRENT_TIMESTAMP)) AS BIGINT))";

  private LeaseEpoch() {}
}
