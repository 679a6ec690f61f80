package org.plenum.cluster.api;

import java.time.Duration;

/**
 * Compares the caches of all nodes with the database (GRP-5). The caller has checked that the
 * account is a platform administrator, or that another node asks. Thread-safe; blocks.
 */
public interface ClusterConsistencyService {
  /** Where a node is asked by another one, from the root of the server. */
  String PATH = "/plenum/internal/v1/consistency";

  /** Media type of the answer. */
  String MEDIA_TYPE = "application/vnd.plenum.consistency+json";

  /** Values of each kind and cache at most. */
  int MAX_SAMPLE = 1_000;

  /**
   * Compares here and on every other node that is heard of, all at once. A node that does not
   * answer within its limit, or is not heard of, is named as not compared; nothing is thrown for
   * it.
   *
   * @param sample values of each kind and cache at most on each node, 1 to {@link #MAX_SAMPLE}
   */
  ClusterConsistency compare(int sample);

  /**
   * Compares here for another node; its answer.
   *
   * @param limit how long the other one waits
   * @throws org.plenum.platform.ServiceException READ_UNAVAILABLE when the database does not answer
   */
  byte[] compareFor(int sample, Duration limit);
}
