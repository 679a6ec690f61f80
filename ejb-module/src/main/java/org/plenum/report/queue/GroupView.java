package org.plenum.report.queue;

/**
 * A consumer group at one moment.
 *
 * @param name its name
 * @param acked the last sequence it is done with
 * @param delivered the last sequence its consumer has got
 * @param lag durable reports that it is not done with
 * @param attached whether it has a consumer
 * @param attempts how often the report at its head has been handed out
 * @param isolated whether reports come one by one, because one of them may be poison
 * @param expired reports that retention took before the group was done with them
 * @param buffer its second buffer
 */
public record GroupView(
    String name,
    long acked,
    long delivered,
    long lag,
    boolean attached,
    int attempts,
    boolean isolated,
    long expired,
    SecondBufferView buffer) {}
