package org.plenum.platform;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** What a node may do; each can be on hosts of its own (GRP-10). */
public enum NodeRole {
  /** Takes requests of clients and commands of legacy systems. */
  BUSINESS,
  /** May hold the writer's lease. */
  WRITER,
  /** May write the cache of the room, and keeps snapshots of it. */
  READER;

  /** The role of that name in lower case. */
  static Optional<NodeRole> of(String name) {
    return Arrays.stream(values())
        .filter(role -> role.name().toLowerCase(Locale.ROOT).equals(name))
        .findFirst();
  }
}
