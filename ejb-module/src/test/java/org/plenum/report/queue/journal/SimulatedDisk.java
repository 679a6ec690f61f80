package org.plenum.report.queue.journal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A disk that loses power: what was not forced survives in part, sector by sector, and names that
 * were not forced survive up to some point. A failed force drops what it should have written, as
 * Linux does: a later force of the same file succeeds and proves nothing. Thread-safe.
 */
final class SimulatedDisk implements JournalDisk {
  private static final int SECTOR = 512;

  /** The machine stopped in the middle of an operation. */
  static final class PowerLoss extends Error {
    private static final long serialVersionUID = 1L;
  }

  private final Map<String, Inode> names = new TreeMap<>();
  private final Map<String, Inode> durableNames = new TreeMap<>();
  private final List<Runnable> pendingNames = new ArrayList<>();
  private long capacity = Long.MAX_VALUE;
  private int operationsLeft = Integer.MAX_VALUE;
  private int failingForces;
  private byte @Nullable [] failingContent;
  private int inodes;
  private long renames;
  private boolean locked;
  private boolean locksWork = true;

  /** Bytes that grow; zero behind the length. */
  private static final class Content {
    byte[] bytes = new byte[0];
    int length;

    void reach(int end) {
      if (end > bytes.length) {
        bytes = Arrays.copyOf(bytes, Math.max(end, 2 * bytes.length));
      }
      length = Math.max(length, end);
    }

    Content copy() {
      Content copy = new Content();
      copy.bytes = Arrays.copyOf(bytes, length);
      copy.length = length;
      return copy;
    }
  }

  private static final class Inode {
    Content data = new Content();
    final Content durable = new Content();
    final BitSet dirty = new BitSet();
    boolean failing;
  }

  /** Power fails after so many more operations. */
  synchronized void failPowerAfter(int operations) {
    operationsLeft = operations;
  }

  synchronized void failForces(int count) {
    failingForces = count;
  }

  /** The first force fails of the file that this is written into; other files are not concerned. */
  synchronized void failForceOf(String written) {
    failingContent = written.getBytes(StandardCharsets.UTF_8);
  }

  private static boolean contains(byte[] data, int from, int to, byte[] content) {
    for (int i = from; i <= to - content.length; i++) {
      if (Arrays.equals(data, i, i + content.length, content, 0, content.length)) {
        return true;
      }
    }
    return false;
  }

  synchronized void capacity(long bytes) {
    capacity = bytes;
  }

  synchronized void withoutLocks() {
    locksWork = false;
  }

  /** Files made so far. */
  synchronized int inodes() {
    return inodes;
  }

  /** Files renamed so far. */
  synchronized long renames() {
    return renames;
  }

  /** Power comes back. */
  synchronized void restart(Random random) {
    operationsLeft = Integer.MAX_VALUE;
    failingForces = 0;
    locked = false;
    int kept = pendingNames.isEmpty() ? 0 : random.nextInt(pendingNames.size() + 1);
    pendingNames.subList(0, kept).forEach(Runnable::run);
    pendingNames.clear();
    names.clear();
    names.putAll(durableNames);
    for (Inode inode : names.values()) {
      for (int sector = inode.dirty.nextSetBit(0);
          sector >= 0;
          sector = inode.dirty.nextSetBit(sector + 1)) {
        if (random.nextBoolean()) {
          persist(inode, sector);
        }
      }
      inode.dirty.clear();
      inode.data = inode.durable.copy();
    }
  }

  private static void persist(Inode inode, int sector) {
    int from = sector * SECTOR;
    int to = Math.min(from + SECTOR, inode.data.length);
    inode.durable.reach(to);
    System.arraycopy(inode.data.bytes, from, inode.durable.bytes, from, to - from);
  }

  private void operate() {
    if (operationsLeft-- <= 0) {
      operationsLeft = 0;
      throw new PowerLoss();
    }
  }

  @Override
  public synchronized List<String> list() {
    return List.copyOf(names.keySet());
  }

  @Override
  public synchronized DiskFile open(String name) {
    Inode inode = names.get(name);
    if (inode == null) {
      Inode made = new Inode();
      inodes++;
      names.put(name, made);
      pendingNames.add(() -> durableNames.put(name, made));
      inode = made;
    }
    return new OpenFile(inode);
  }

  @Override
  public synchronized DiskFile existing(String name) throws IOException {
    if (!names.containsKey(name)) {
      throw new NoSuchFileException(name);
    }
    return open(name);
  }

  @Override
  public synchronized boolean create(String name) {
    operate();
    boolean made = !names.containsKey(name);
    open(name);
    return made;
  }

  @Override
  public synchronized void delete(String name) {
    operate();
    if (names.remove(name) != null) {
      pendingNames.add(() -> durableNames.remove(name));
    }
  }

  @Override
  public synchronized void rename(String from, String to) throws IOException {
    operate();
    renames++;
    Inode inode = names.remove(from);
    if (inode == null) {
      throw new NoSuchFileException(from);
    }
    names.put(to, inode);
    pendingNames.add(
        () -> {
          durableNames.remove(from);
          durableNames.put(to, inode);
        });
  }

  @Override
  public synchronized void forceNames() {
    operate();
    pendingNames.forEach(Runnable::run);
    pendingNames.clear();
  }

  @Override
  public synchronized long freeBytes() {
    return capacity - names.values().stream().mapToLong(inode -> inode.data.length).sum();
  }

  @Override
  public String place() {
    return "a simulated disk";
  }

  @Override
  public synchronized boolean lock() {
    boolean taken = !locked || !locksWork;
    locked = true;
    return taken;
  }

  @Override
  public synchronized void unlock() {
    locked = false;
  }

  private final class OpenFile implements DiskFile {
    private final Inode inode;

    OpenFile(Inode inode) {
      this.inode = inode;
    }

    @Override
    public long size() {
      synchronized (SimulatedDisk.this) {
        return inode.data.length;
      }
    }

    @Override
    public int read(ByteBuffer into, long position) {
      synchronized (SimulatedDisk.this) {
        if (position >= inode.data.length) {
          return -1;
        }
        int length = (int) Math.min(into.remaining(), inode.data.length - position);
        into.put(inode.data.bytes, (int) position, length);
        return length;
      }
    }

    @Override
    public void write(ByteBuffer from, long position) throws IOException {
      synchronized (SimulatedDisk.this) {
        operate();
        int end = (int) position + from.remaining();
        if (end > inode.data.length) {
          if (end - inode.data.length > freeBytes()) {
            throw new IOException("No space left on device");
          }
          inode.data.reach(end);
        }
        from.get(inode.data.bytes, (int) position, end - (int) position);
        byte[] content = failingContent;
        if (content != null && contains(inode.data.bytes, (int) position, end, content)) {
          inode.failing = true;
          failingContent = null;
        }
        inode.dirty.set((int) position / SECTOR, (end + SECTOR - 1) / SECTOR);
      }
    }

    @Override
    public void force() throws IOException {
      synchronized (SimulatedDisk.this) {
        operate();
        if (failingForces > 0 || inode.failing) {
          failingForces = Math.max(0, failingForces - 1);
          inode.failing = false;
          inode.dirty.clear();
          throw new IOException("Input/output error");
        }
        inode.dirty.stream().forEach(sector -> persist(inode, sector));
        inode.dirty.clear();
      }
    }

    @Override
    public void close() {
      // nothing is held open
    }
  }
}
