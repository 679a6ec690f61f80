package org.plenum.cluster.api;

/**
 * The state of the cluster. The caller has checked that the account is a platform administrator.
 * Thread-safe; answers from memory and never blocks.
 */
public interface ClusterService {
  /** The cluster as this node saw it last, some seconds ago at most. */
  ClusterView view();
}
