package org.plenum.writer.api;

import java.util.List;

/**
 * Other nodes that may lead the writing, known without the database (decision 5): a node that is
 * cut off from the database still brings its commands to the leader.
 */
@FunctionalInterface
public interface WriterPeers {
  /**
   * URLs at which other nodes with the writer's role are reached, whoever says that it leads first;
   * from memory. A hint: who is asked and does not lead says so.
   */
  List<String> urls();
}
