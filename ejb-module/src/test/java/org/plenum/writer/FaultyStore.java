package org.plenum.writer;

import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.plenum.group.api.GroupId;
import org.plenum.group.api.GroupState;
import org.plenum.group.api.Membership;
import org.plenum.group.domain.MessageFacts;
import org.plenum.writer.StoreException.Fault;
import org.plenum.writer.WriteBatch.MemberKey;

/** The real store with faults in between: breaks before a commit, after one, and while reading. */
final class FaultyStore implements GroupStore {
  private final GroupStore real;
  private final Random random;
  private final double rate;
  volatile boolean healed;

  /** How far the clock of the database was set forward. */
  volatile Duration clockAhead = Duration.ZERO;

  /** Thrown once instead of the next commit. */
  final AtomicReference<@Nullable Error> nextCommit = new AtomicReference<>();

  /** Where the writer stops at its next look at members, or null. */
  volatile @Nullable Semaphore stopped;

  /** The database is away for writing. */
  volatile boolean away;

  final AtomicInteger failures = new AtomicInteger();

  /** A message that cannot be read, 0 for none. */
  volatile long unreadable;

  /** The lease row may be read and not written. */
  volatile boolean refusing;

  final AtomicInteger acquired = new AtomicInteger();

  final AtomicInteger looksAtTheClock = new AtomicInteger();

  FaultyStore(GroupStore real, long seed, double rate) {
    this.real = real;
    this.random = new Random(seed);
    this.rate = rate;
  }

  private synchronized void perhaps(String when) {
    if (away) {
      failures.incrementAndGet();
      throw new StoreException(Fault.UNAVAILABLE, "away " + when, null);
    }
    if (!healed && random.nextDouble() < rate) {
      if (random.nextInt(3) == 0) {
        throw new IllegalStateException("injected, of no known type, " + when);
      }
      throw new StoreException(Fault.UNAVAILABLE, "injected " + when, null);
    }
  }

  @Override
  public long acquire(String holder, String url, int leaseSeconds) {
    acquired.incrementAndGet();
    if (refusing) {
      throw new StoreException(Fault.REFUSED, "permission denied", null);
    }
    return real.acquire(holder, url, leaseSeconds);
  }

  @Override
  public boolean renew(long epoch, long revision, int leaseSeconds) {
    perhaps("while renewing");
    return real.renew(epoch, revision, leaseSeconds);
  }

  @Override
  public void release(long epoch) {
    real.release(epoch);
  }

  @Override
  public long lastRevision() {
    perhaps("while reading the revision");
    return real.lastRevision();
  }

  @Override
  public Map<GroupId, GroupState> groups(Collection<GroupId> ids) {
    perhaps("while reading groups");
    return real.groups(ids);
  }

  @Override
  public Map<MemberKey, Membership> members(Collection<MemberKey> keys) {
    perhaps("while reading members");
    Semaphore stop = stopped;
    if (stop != null) {
      stop.acquireUninterruptibly();
    }
    return real.members(keys);
  }

  @Override
  public Map<EntryKey, MessageFacts> messages(Collection<EntryKey> keys) {
    if (keys.stream().anyMatch(key -> key.seq() == unreadable)) {
      throw new IllegalArgumentException("no such kind of entry");
    }
    return real.messages(keys);
  }

  @Override
  public Map<EntryKey, Long> numbers(Collection<EntryKey> keys) {
    return real.numbers(keys);
  }

  @Override
  public Map<UUID, Earlier> byClientIds(Collection<UUID> ids) {
    perhaps("while reading client ids");
    return real.byClientIds(ids);
  }

  @Override
  public Set<String> takenKeys(Collection<String> keys) {
    return real.takenKeys(keys);
  }

  @Override
  public Instant now() {
    looksAtTheClock.incrementAndGet();
    return real.now().plus(clockAhead);
  }

  @Override
  public Collection<Trim> trims(Instant now, int limit) {
    return real.trims(now, limit);
  }

  @Override
  public void commit(WriteBatch batch, long epoch, int leaseSeconds) {
    perhaps("before the commit");
    Error error = nextCommit.getAndSet(null);
    if (error != null) {
      throw error;
    }
    real.commit(batch, epoch, leaseSeconds);
    perhaps("after the commit");
  }

  @Override
  public int trimLog(Instant before, Instant now, int limit) {
    return real.trimLog(before, now, limit);
  }
}
