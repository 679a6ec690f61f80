package org.plenum.web.limits;

import java.time.Duration;
import java.util.List;
import org.eclipse.microprofile.config.Config;
import org.plenum.platform.config.ConfigKey;

/**
 * Bounds of the API.
 *
 * @param writesPerSecond sustained writes of one account; 0 for no limit
 * @param writeTimeout how long a write may wait for its answer
 */
public record LimitsConfig(
    int bodyBytes,
    int writesPerSecond,
    int writeBurst,
    int readsPerSecond,
    int readBurst,
    int signInsPerMinute,
    int signInsPerMinuteAndAddress,
    int trackedCallers,
    Duration writeTimeout,
    int reportBodyBytes,
    int reportsPerSecond,
    int reportBurst) {
  /** Largest body. */
  public static final ConfigKey<Integer> BODY_BYTES =
      ConfigKey.integer(
          "plenum.limits.body-bytes",
          64 * 1024,
          1024,
          16 * 1024 * 1024,
          "Largest request body in bytes; a larger one is answered 413.");

  /** Sustained writes. */
  public static final ConfigKey<Integer> WRITES =
      ConfigKey.integer(
          "plenum.limits.writes-per-second",
          20,
          0,
          1_000_000,
          "Sustained writes per second of one account, REST and sockets together per node; 0 for no"
              + " limit.");

  /** Burst of writes. */
  public static final ConfigKey<Integer> WRITE_BURST =
      ConfigKey.integer(
          "plenum.limits.write-burst", 60, 1, 1_000_000, "Writes of one account at once.");

  /** Sustained reads. */
  public static final ConfigKey<Integer> READS =
      ConfigKey.integer(
          "plenum.limits.reads-per-second",
          50,
          0,
          1_000_000,
          "Sustained REST reads per second of one account per node; 0 for no limit.");

  /** Burst of reads. */
  public static final ConfigKey<Integer> READ_BURST =
      ConfigKey.integer(
          "plenum.limits.read-burst", 200, 1, 1_000_000, "REST reads of one account at once.");

  /** Attempts to sign in, by name. */
  public static final ConfigKey<Integer> SIGN_INS =
      ConfigKey.integer(
          "plenum.limits.sign-ins-per-minute",
          10,
          0,
          1_000_000,
          "Attempts per minute to sign in with one account name; 0 for no limit.");

  /** Attempts to sign in, by address. */
  public static final ConfigKey<Integer> SIGN_INS_BY_ADDRESS =
      ConfigKey.integer(
          "plenum.limits.sign-ins-per-minute-and-address",
          60,
          0,
          1_000_000,
          "Attempts per minute to sign in from one network address; 0 for no limit.");

  /** Bound of the limiters' memory. */
  public static final ConfigKey<Integer> TRACKED_CALLERS =
      ConfigKey.integer(
          "plenum.limits.tracked-callers",
          100_000,
          100,
          10_000_000,
          "Callers that each rate limiter remembers; the least recent ones are forgotten first.");

  /** Patience with the writer. */
  public static final ConfigKey<Duration> WRITE_TIMEOUT =
      ConfigKey.duration(
          "plenum.limits.write-timeout",
          "10s",
          "How long a write waits for its answer before 503; the same client id may then be"
              + " retried.");

  /** Largest body with reports. */
  public static final ConfigKey<Integer> REPORT_BODY_BYTES =
      ConfigKey.integer(
          "plenum.limits.report-body-bytes",
          2 * 1024 * 1024,
          1024,
          64 * 1024 * 1024,
          "Largest request body with reports in bytes; a larger one is answered 413. The default"
              + " holds plenum.report.max-list reports of 2,000 bytes each.");

  /** Sustained reports. */
  public static final ConfigKey<Integer> REPORTS =
      ConfigKey.integer(
          "plenum.limits.reports-per-second",
          100,
          0,
          1_000_000,
          "Sustained reports per second of one account per node; 0 for no limit. Platform"
              + " administrators and plenum.report.reporters are not limited.");

  /** Burst of reports. */
  public static final ConfigKey<Integer> REPORT_BURST =
      ConfigKey.integer(
          "plenum.limits.report-burst", 1_000, 1, 1_000_000, "Reports of one account at once.");

  /** The keys of this feature. */
  public static final List<ConfigKey<?>> KEYS =
      List.of(
          BODY_BYTES,
          WRITES,
          WRITE_BURST,
          READS,
          READ_BURST,
          SIGN_INS,
          SIGN_INS_BY_ADDRESS,
          TRACKED_CALLERS,
          WRITE_TIMEOUT,
          REPORT_BODY_BYTES,
          REPORTS,
          REPORT_BURST);

  /** Reads the configuration. */
  public static LimitsConfig from(Config config) {
    return new LimitsConfig(
        BODY_BYTES.from(config),
        WRITES.from(config),
        WRITE_BURST.from(config),
        READS.from(config),
        READ_BURST.from(config),
        SIGN_INS.from(config),
        SIGN_INS_BY_ADDRESS.from(config),
        TRACKED_CALLERS.from(config),
        WRITE_TIMEOUT.from(config),
        REPORT_BODY_BYTES.from(config),
        REPORTS.from(config),
        REPORT_BURST.from(config));
  }
}
