package org.plenum.intake;

import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import org.plenum.group.api.CommandAnswer;
import org.plenum.group.api.CommandAnswer.Accepted;
import org.plenum.group.api.CommandAnswer.Rejected;
import org.plenum.group.api.CommandEnvelope;
import org.plenum.group.api.Durability;
import org.plenum.group.api.GroupCommand;
import org.plenum.group.api.GroupCommandService;
import org.plenum.group.api.GroupId;
import org.plenum.platform.ErrorCode;

/**
 * A writer with the promises of the real one and its troubles, drawn from a seed: it turns commands
 * away at once, keeps what it has in order, expires everything that waits, or commits and has the
 * answer time out.
 */
final class FakeWriter implements GroupCommandService, AutoCloseable {
  private record Pending(CommandEnvelope envelope, CompletableFuture<CommandAnswer> answer) {}

  final Map<GroupId, List<String>> texts = new HashMap<>();
  final Map<String, GroupId> keys = new HashMap<>();
  private final Map<UUID, CommandEnvelope> seen = new HashMap<>();
  private final Map<UUID, Accepted> answers = new HashMap<>();
  private final BlockingQueue<Pending> queue = new LinkedBlockingQueue<>();
  private final Random random;
  private final int troublePercent;
  private final Thread thread = new Thread(this::run);
  private Instant expired = Instant.MIN;
  private int submitted;
  private int largestBatch;
  private int replicaAwayFor;

  FakeWriter(long seed, int troublePercent) {
    this.random = new Random(seed);
    this.troublePercent = troublePercent;
    thread.start();
  }

  @Override
  public synchronized CompletionStage<CommandAnswer> submit(CommandEnvelope envelope) {
    submitted++;
    CompletableFuture<CommandAnswer> answer = new CompletableFuture<>();
    if (trouble()) {
      answer.complete(new Rejected(ErrorCode.WRITER_BUSY, "full"));
    } else {
      queue.add(new Pending(envelope, answer));
    }
    return answer;
  }

  private synchronized boolean trouble() {
    return random.nextInt(100) < troublePercent;
  }

  private void run() {
    try {
      while (true) {
        List<Pending> batch = new ArrayList<>();
        batch.add(queue.take());
        queue.drainTo(batch);
        write(batch);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private synchronized void write(List<Pending> batch) {
    largestBatch = Math.max(largestBatch, batch.size());
    if (trouble()) {
      // The database was away until the deadline of all that wait or come with the same deadline.
      expired = batch.getLast().envelope().deadline();
    }
    if (!batch.getLast().envelope().deadline().isAfter(expired)) {
      batch.forEach(p -> p.answer().complete(new Rejected(ErrorCode.TIMEOUT, "away")));
      return;
    }
    boolean mute = trouble();
    for (Pending pending : batch) {
      if (replicaAwayFor > 0 && pending.envelope().durability() == Durability.REPLICA) {
        replicaAwayFor--;
        pending.answer().complete(new Rejected(ErrorCode.REPLICA_AWAY, "away"));
        continue;
      }
      CommandAnswer answer = decide(pending.envelope());
      pending.answer().complete(mute ? new Rejected(ErrorCode.TIMEOUT, "too late") : answer);
    }
  }

  private CommandAnswer decide(CommandEnvelope envelope) {
    CommandEnvelope earlier = seen.get(envelope.clientId());
    if (earlier != null) {
      Accepted first = answers.get(envelope.clientId());
      if (first == null || !earlier.command().equals(envelope.command())) {
        return new Rejected(ErrorCode.CLIENT_ID_REUSED, "another content");
      }
      return new Accepted(
          first.group(), first.seq(), first.no(), first.revision(), first.at(), true);
    }
    List<String> group = texts.get(envelope.group());
    String entry =
        switch (envelope.command()) {
          case GroupCommand.CreateGroup create -> "created";
          case GroupCommand.PostMessage post -> post.text();
          default -> envelope.command().toString();
        };
    if (envelope.command() instanceof GroupCommand.CreateGroup create) {
      if (create.key() != null && keys.putIfAbsent(create.key(), envelope.group()) != null) {
        return new Rejected(ErrorCode.GROUP_KEY_TAKEN, "taken");
      }
      group = texts.computeIfAbsent(envelope.group(), key -> new ArrayList<>());
    }
    if (group == null) {
      return new Rejected(ErrorCode.GROUP_NOT_FOUND, "no such group");
    }
    if (entry.equals("poison")) {
      return new Rejected(ErrorCode.INTERNAL, "a fault");
    }
    group.add(entry);
    Accepted accepted =
        new Accepted(
            envelope.group(), group.size(), group.size(), seen.size() + 1L, Instant.EPOCH, false);
    seen.put(envelope.clientId(), envelope);
    answers.put(envelope.clientId(), accepted);
    return accepted;
  }

  /** Refuses so many commands that ask for the replica. */
  synchronized void replicaAwayFor(int commands) {
    replicaAwayFor = commands;
  }

  synchronized int submitted() {
    return submitted;
  }

  synchronized int largestBatch() {
    return largestBatch;
  }

  synchronized List<String> textsOf(GroupId group) {
    return List.copyOf(texts.getOrDefault(group, List.of()));
  }

  synchronized Optional<GroupId> byKey(String key) {
    return Optional.ofNullable(keys.get(key));
  }

  @Override
  public void close() {
    thread.interrupt();
  }
}
