package org.plenum.bench;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.HdrHistogram.Histogram;
import org.plenum.bench.net.EventLoop;

/**
 * Makes members post, and checks what each of them is told: every member of a room is to see every
 * message of the room exactly once, in one order, and those of one sender in the order sent. All
 * state belongs to the loop's thread; the public methods may be called from elsewhere and wait.
 */
public final class Load {
  private static final long LONGEST_NANOS = TimeUnit.MINUTES.toNanos(5);

  private final EventLoop loop;
  private final Member[] members;
  private final int[] roomSizes;
  private final int[] sent;
  private final int[] acknowledged;
  private final long[] received;
  private final long[] orders;
  private final int[] referenceOfRoom;
  private final int[] nextOfSender;
  private final List<String> faults = new ArrayList<>();
  private final Map<String, Integer> notices = new TreeMap<>();
  private boolean closedLoop;
  private Window window = new Window();

  /** What happened between two moments. */
  public static final class Window {
    final Histogram delivery = new Histogram(LONGEST_NANOS, 3);
    final Histogram acknowledgement = new Histogram(LONGEST_NANOS, 3);
    final long startedAt = System.nanoTime();
    long endedAt;
    long posts;
    long deliveries;

    /** Length in seconds. */
    public double seconds() {
      return (endedAt - startedAt) / 1e9;
    }

    /** Acknowledged posts a second. */
    public double postsPerSecond() {
      return posts / seconds();
    }

    /** Deliveries a second, to all members together. */
    public double deliveriesPerSecond() {
      return deliveries / seconds();
    }

    /** Number of deliveries. */
    public long deliveries() {
      return deliveries;
    }

    /** Time from the intended sending to the delivery, in milliseconds. */
    public double deliveryMillis(double percentile) {
      return delivery.getValueAtPercentile(percentile) / 1e6;
    }

    /** Time from sending to the acknowledgement, in milliseconds. */
    public double acknowledgementMillis(double percentile) {
      return acknowledgement.getValueAtPercentile(percentile) / 1e6;
    }
  }

  /** Load by these members over this loop; member i has number i. */
  public Load(EventLoop loop, int memberCount, int roomCount) {
    this.loop = loop;
    this.members = new Member[memberCount];
    this.roomSizes = new int[roomCount];
    this.sent = new int[memberCount];
    this.acknowledged = new int[memberCount];
    this.received = new long[memberCount];
    this.orders = new long[memberCount];
    this.referenceOfRoom = new int[roomCount];
    this.nextOfSender = new int[memberCount];
    Arrays.fill(referenceOfRoom, -1);
  }

  /** Makes the member known, once it is connected and in its room. On the loop's thread. */
  public void joined(Member member) {
    members[member.number()] = member;
    roomSizes[member.room()]++;
    if (referenceOfRoom[member.room()] < 0) {
      referenceOfRoom[member.room()] = member.number();
    }
  }

  /** A message whose text begins at this offset reached the member. On the loop's thread. */
  void delivered(Member member, byte[] bytes, int at, long now) {
    int number = member.number();
    int sender = Stamp.sender(bytes, at);
    int n = Stamp.n(bytes, at);
    received[number]++;
    orders[number] = orders[number] * 31 + sender * 1_000_003L + n;
    if (referenceOfRoom[member.room()] == number) {
      if (nextOfSender[sender] != n) {
        fault(
            "sender %d: message %d came when %d was due"
                .formatted(sender, n, nextOfSender[sender]));
      }
      nextOfSender[sender] = n + 1;
    }
    window.deliveries++;
    window.delivery.recordValue(Math.clamp(now - Stamp.nanos(bytes, at), 0, LONGEST_NANOS));
  }

  /** The server answered for a post. On the loop's thread. */
  void acknowledged(Member member, long sentAt, long now) {
    acknowledged[member.number()]++;
    window.posts++;
    window.acknowledgement.recordValue(Math.clamp(now - sentAt, 0, LONGEST_NANOS));
    if (closedLoop) {
      post(member, now);
    }
  }

  /** Something that must not happen. On the loop's thread. */
  void fault(String text) {
    if (faults.size() < 20) {
      faults.add(text);
    }
  }

  /** Something worth counting, such as a resync. On the loop's thread. */
  void notice(String kind) {
    notices.merge(kind, 1, Integer::sum);
  }

  private void post(Member member, long intended) {
    int number = member.number();
    int n = sent[number]++;
    member.post(n, Stamp.text(intended, number, n));
  }

  /** These members post, each its next message when the last one is acknowledged. */
  public void startClosedLoop(int from, int to) {
    onLoop(
        () -> {
          closedLoop = true;
          for (int i = from; i < to; i++) {
            post(members[i], System.nanoTime());
          }
          return true;
        });
  }

  /**
   * Posts at a steady rate, members in turn, whether earlier posts were answered or not. Latencies
   * count from the moment a post was due, so a stall of client or server hides nothing.
   */
  public void startOpenLoop(double postsPerSecond) {
    long start = System.nanoTime();
    double interval = 1e9 / postsPerSecond;
    loop.pace(
        new EventLoop.Pacer() {
          private long count;

          @Override
          public long turn(long now) {
            long due = start + (long) (count * interval);
            while (due <= now) {
              post(members[(int) (count % members.length)], due);
              count++;
              due = start + (long) (count * interval);
            }
            return due - now;
          }
        });
  }

  /** No new posts. */
  public void stop() {
    loop.pace(null);
    onLoop(() -> closedLoop = false);
  }

  /** Ends the window and begins another. */
  public Window nextWindow() {
    return onLoop(
        () -> {
          Window ended = window;
          ended.endedAt = System.nanoTime();
          window = new Window();
          return ended;
        });
  }

  /** Whether every post was acknowledged and reached every member of its room. */
  public boolean quiet() {
    return onLoop(
        () -> {
          long[] sentInRoom = new long[roomSizes.length];
          for (Member member : members) {
            sentInRoom[member.room()] += sent[member.number()];
            if (sent[member.number()] != acknowledged[member.number()]) {
              return false;
            }
          }
          for (Member member : members) {
            if (received[member.number()] < sentInRoom[member.room()]) {
              return false;
            }
          }
          return true;
        });
  }

  /** Everything that was wrong so far; call when {@link #quiet}. Empty is good. */
  public List<String> verdict() {
    return onLoop(
        () -> {
          List<String> wrong = new ArrayList<>(faults);
          long[] sentInRoom = new long[roomSizes.length];
          for (Member member : members) {
            int number = member.number();
            sentInRoom[member.room()] += sent[number];
            if (sent[number] != acknowledged[number]) {
              wrong.add(
                  "member %d: %d sent, %d acknowledged"
                      .formatted(number, sent[number], acknowledged[number]));
            }
          }
          for (Member member : members) {
            int number = member.number();
            int reference = referenceOfRoom[member.room()];
            if (received[number] != sentInRoom[member.room()]) {
              wrong.add(
                  "member %d: %d received, %d sent in its room"
                      .formatted(number, received[number], sentInRoom[member.room()]));
            } else if (orders[number] != orders[reference]) {
              wrong.add("member %d saw another order than member %d".formatted(number, reference));
            }
          }
          return wrong;
        });
  }

  /** How many posts of each member were acknowledged. */
  public int[] acknowledgedByMember() {
    return onLoop(acknowledged::clone);
  }

  /** Counts of what was noticed. */
  public Map<String, Integer> notices() {
    return onLoop(() -> new TreeMap<>(notices));
  }

  /** Runs the question on the loop's thread and waits for its answer, at most a minute. */
  private <T> T onLoop(Supplier<T> question) {
    CompletableFuture<T> answer = new CompletableFuture<>();
    loop.execute(
        () -> {
          try {
            answer.complete(question.get());
          } catch (RuntimeException e) {
            answer.completeExceptionally(e);
          }
        });
    return answer.orTimeout(1, TimeUnit.MINUTES).join();
  }
}
