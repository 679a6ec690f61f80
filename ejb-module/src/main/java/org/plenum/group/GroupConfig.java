package org.plenum.group;

import java.util.List;
import org.eclipse.microprofile.config.Config;
import org.plenum.group.domain.GroupLimits;
import org.plenum.platform.config.ConfigKey;

/**
 * Configuration of groups.
 *
 * @param maxMembers active members of one group
 * @param maxInitialMembers members named when a group is created
 * @param maxPending invitations and requests to join of one group that wait for an answer
 * @param maxMessageBytes length of a message text in UTF-8
 */
public record GroupConfig(
    int maxMembers, int maxInitialMembers, int maxPending, int maxMessageBytes) {
  /** Bound of a group. */
  public static final ConfigKey<Integer> MAX_MEMBERS =
      ConfigKey.integer(
          "plenum.group.max-members",
          10_000,
          1,
          1_000_000,
          "Active members of one group, at most.");

  /** Bound of a creation. */
  public static final ConfigKey<Integer> MAX_INITIAL_MEMBERS =
      ConfigKey.integer(
          "plenum.group.max-initial-members",
          500,
          0,
          10_000,
          "Members that may be named when a group is created, at most.");

  /** Bound of what waits for an answer. */
  public static final ConfigKey<Integer> MAX_PENDING =
      ConfigKey.integer(
          "plenum.group.max-pending",
          1_000,
          1,
          100_000,
          "Invitations and requests to join of one group that wait for an answer, at most; what"
              + " comes at the same moment may exceed it a little.");

  /** Bound of a message. */
  public static final ConfigKey<Integer> MAX_MESSAGE_BYTES =
      ConfigKey.integer(
          "plenum.group.max-message-bytes",
          16_384,
          1,
          1_048_576,
          "Length of a message text in bytes of UTF-8, at most.");

  /** Every key. */
  public static final List<ConfigKey<?>> KEYS =
      List.of(MAX_MEMBERS, MAX_INITIAL_MEMBERS, MAX_PENDING, MAX_MESSAGE_BYTES);

  /** The values in force. */
  public static GroupConfig from(Config config) {
    return new GroupConfig(
        MAX_MEMBERS.from(config),
        MAX_INITIAL_MEMBERS.from(config),
        MAX_PENDING.from(config),
        MAX_MESSAGE_BYTES.from(config));
  }

  /** What the decider enforces of it. */
  public GroupLimits limits() {
    return new GroupLimits(maxMembers);
  }
}
