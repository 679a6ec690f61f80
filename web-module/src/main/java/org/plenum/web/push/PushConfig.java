package org.plenum.web.push;

import java.time.Duration;
import java.util.List;
import org.eclipse.microprofile.config.Config;
import org.plenum.platform.config.ConfigKey;

/**
 * Configuration of push. Every queue, buffer and wait of this feature has its bound here.
 *
 * @param fanoutThreads threads that build and send frames
 * @param lingerMax longest pause between two flushes under load
 * @param lingerFactor pause after a flush as a multiple of the time the flush took
 * @param answerWait how long the answer to a write waits for the update it caused
 * @param messageBytes largest client message
 * @param queueBytes bytes that wait for one socket before a group is dropped for it
 * @param queueFrames frames that wait for one socket before a group is dropped for it
 * @param slowLimit how long a socket may have a backlog before it is closed
 * @param heartbeat time between heartbeats of a socket
 * @param helloTimeout how long an accepted socket may stay silent before its hello
 * @param commandTimeout deadline of a command from a socket
 * @param typingInterval shortest time between two typing frames of a socket
 * @param socketsPerAccount open sockets of one account
 * @param socketsTotal open sockets of this node
 * @param resumeEntries largest gap of a group that is filled on resume
 * @param resumeTotal largest sum of gaps that is filled on one resume
 * @param resumePage entries read at a time while a gap is filled
 * @param resumeConcurrency reads of history and subscriptions for sockets that run at a time
 * @param recentUpdates updates of the recent past that each fan-out thread keeps for joins
 * @param recentBytes bytes of those updates
 * @param backlogUpdates updates that wait for a fan-out thread before sockets are shed
 */
public record PushConfig(
    int fanoutThreads,
    Duration lingerMax,
    int lingerFactor,
    Duration answerWait,
    int messageBytes,
    int queueBytes,
    int queueFrames,
    Duration slowLimit,
    Duration heartbeat,
    Duration helloTimeout,
    Duration commandTimeout,
    Duration typingInterval,
    int socketsPerAccount,
    int socketsTotal,
    int resumeEntries,
    int resumeTotal,
    int resumePage,
    int resumeConcurrency,
    int recentUpdates,
    int recentBytes,
    int backlogUpdates) {

  static final ConfigKey<Integer> FANOUT_THREADS =
      ConfigKey.integer(
          "plenum.push.fanout-threads", 2, 1, 64, "Threads that build and send push frames.");
  static final ConfigKey<Duration> LINGER_MAX =
      ConfigKey.duration(
          "plenum.push.linger-max",
          "5ms",
          "Longest pause between two flushes of a fan-out thread under load; idle ones never"
              + " pause.");
  static final ConfigKey<Integer> LINGER_FACTOR =
      ConfigKey.integer(
          "plenum.push.linger-factor",
          4,
          0,
          100,
          "Pause after a flush as a multiple of the time it took, up to the longest pause.");
  static final ConfigKey<Duration> ANSWER_WAIT =
      ConfigKey.duration(
          "plenum.push.answer-wait",
          "2ms",
          "How long the answer to a write waits at most, to leave in one flush with the write.");
  static final ConfigKey<Integer> MESSAGE_BYTES =
      ConfigKey.integer(
          "plenum.push.message-bytes",
          64 * 1024,
          1024,
          1024 * 1024,
          "Largest message a socket may send, in bytes; a larger one closes it with 1009.");
  static final ConfigKey<Integer> QUEUE_BYTES =
      ConfigKey.integer(
          "plenum.push.queue-bytes",
          1024 * 1024,
          16 * 1024,
          64 * 1024 * 1024,
          "Bytes that wait for one socket; above, a group's backlog is dropped and resync sent.");
  static final ConfigKey<Integer> QUEUE_FRAMES =
      ConfigKey.integer(
          "plenum.push.queue-frames",
          1_000,
          10,
          100_000,
          "Frames that wait for one socket; above, a group's backlog is dropped and resync sent.");
  static final ConfigKey<Duration> SLOW_LIMIT =
      ConfigKey.duration(
          "plenum.push.slow-limit",
          "30s",
          "How long a socket may have a backlog before it is closed with 1013.");
  static final ConfigKey<Duration> HEARTBEAT =
      ConfigKey.duration(
          "plenum.push.heartbeat",
          "15s",
          "Time between heartbeats; a socket silent for two of them after a ping is closed.");
  static final ConfigKey<Duration> HELLO_TIMEOUT =
      ConfigKey.duration(
          "plenum.push.hello-timeout", "10s", "How long a new socket may wait with its hello.");
  static final ConfigKey<Duration> COMMAND_TIMEOUT =
      ConfigKey.duration(
          "plenum.push.command-timeout", "10s", "Deadline of a command sent by a socket.");
  static final ConfigKey<Duration> TYPING_INTERVAL =
      ConfigKey.duration(
          "plenum.push.typing-interval",
          "2s",
          "Shortest time between two typing frames that are relayed for a socket.");
  static final ConfigKey<Integer> SOCKETS_PER_ACCOUNT =
      ConfigKey.integer(
          "plenum.push.sockets-per-account", 32, 1, 100_000, "Open sockets of one account.");
  static final ConfigKey<Integer> SOCKETS_TOTAL =
      ConfigKey.integer(
          "plenum.push.sockets-total", 20_000, 1, 1_000_000, "Open sockets of one node.");
  static final ConfigKey<Integer> RESUME_ENTRIES =
      ConfigKey.integer(
          "plenum.push.resume-entries",
          1_000,
          0,
          100_000,
          "Largest gap of one group that is filled on resume; beyond it resync is sent.");
  static final ConfigKey<Integer> RESUME_TOTAL =
      ConfigKey.integer(
          "plenum.push.resume-total",
          5_000,
          0,
          1_000_000,
          "Largest sum of gaps of all groups that is filled on one resume.");
  static final ConfigKey<Integer> RESUME_PAGE =
      ConfigKey.integer(
          "plenum.push.resume-page", 200, 1, 200, "Entries read at a time while a gap is filled.");
  static final ConfigKey<Integer> RESUME_CONCURRENCY =
      ConfigKey.integer(
          "plenum.push.resume-concurrency",
          32,
          1,
          1_000,
          "Reads of subscriptions and history for sockets that run at a time.");
  static final ConfigKey<Integer> RECENT_UPDATES =
      ConfigKey.integer(
          "plenum.push.recent-updates",
          8_192,
          64,
          1_000_000,
          "Recent updates kept by each fan-out thread, to join sockets without a gap.");
  static final ConfigKey<Integer> RECENT_BYTES =
      ConfigKey.integer(
          "plenum.push.recent-bytes",
          8 * 1024 * 1024,
          64 * 1024,
          1024 * 1024 * 1024,
          "Bytes of the recent updates kept by each fan-out thread.");
  static final ConfigKey<Integer> BACKLOG_UPDATES =
      ConfigKey.integer(
          "plenum.push.backlog-updates",
          200_000,
          1_000,
          10_000_000,
          "Updates that wait for a fan-out thread; above, all sockets are closed with 1013 and"
              + " resume.");

  /** Every key. */
  public static final List<ConfigKey<?>> KEYS =
      List.of(
          FANOUT_THREADS,
          LINGER_MAX,
          LINGER_FACTOR,
          ANSWER_WAIT,
          MESSAGE_BYTES,
          QUEUE_BYTES,
          QUEUE_FRAMES,
          SLOW_LIMIT,
          HEARTBEAT,
          HELLO_TIMEOUT,
          COMMAND_TIMEOUT,
          TYPING_INTERVAL,
          SOCKETS_PER_ACCOUNT,
          SOCKETS_TOTAL,
          RESUME_ENTRIES,
          RESUME_TOTAL,
          RESUME_PAGE,
          RESUME_CONCURRENCY,
          RECENT_UPDATES,
          RECENT_BYTES,
          BACKLOG_UPDATES);

  /** The values in force. */
  public static PushConfig from(Config config) {
    return new PushConfig(
        FANOUT_THREADS.from(config),
        LINGER_MAX.from(config),
        LINGER_FACTOR.from(config),
        ANSWER_WAIT.from(config),
        MESSAGE_BYTES.from(config),
        QUEUE_BYTES.from(config),
        QUEUE_FRAMES.from(config),
        SLOW_LIMIT.from(config),
        HEARTBEAT.from(config),
        HELLO_TIMEOUT.from(config),
        COMMAND_TIMEOUT.from(config),
        TYPING_INTERVAL.from(config),
        SOCKETS_PER_ACCOUNT.from(config),
        SOCKETS_TOTAL.from(config),
        RESUME_ENTRIES.from(config),
        RESUME_TOTAL.from(config),
        RESUME_PAGE.from(config),
        RESUME_CONCURRENCY.from(config),
        RECENT_UPDATES.from(config),
        RECENT_BYTES.from(config),
        BACKLOG_UPDATES.from(config));
  }
}
