package org.plenum.cluster;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.plenum.cluster.api.DatabaseStatus;

/**
 * What had to be waited for.
 *
 * @param nanos when it was known, by the monotone clock
 * @param head last revision of the update log, null when it is not known
 * @param behind updates that this node is behind it, null when it is not known
 * @param letters commands of legacy systems that wait for an administrator, null when unknown
 */
record Look(
    long nanos,
    DatabaseStatus database,
    @Nullable Long head,
    @Nullable Long behind,
    boolean ready,
    List<String> reasons,
    @Nullable Long letters) {}
