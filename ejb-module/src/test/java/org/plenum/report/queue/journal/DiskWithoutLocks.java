package org.plenum.report.queue.journal;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** Storage of several nodes whose locks do not work. */
class DiskWithoutLocks implements JournalDisk {
  private final FileSystemDisk disk;

  DiskWithoutLocks(Path folder) throws IOException {
    this.disk = new FileSystemDisk(folder);
  }

  @Override
  public List<String> list() throws IOException {
    return disk.list();
  }

  @Override
  public DiskFile open(String name) throws IOException {
    return disk.open(name);
  }

  @Override
  public DiskFile existing(String name) throws IOException {
    return disk.existing(name);
  }

  @Override
  public boolean create(String name) throws IOException {
    return disk.create(name);
  }

  @Override
  public void delete(String name) throws IOException {
    disk.delete(name);
  }

  @Override
  public void rename(String from, String to) throws IOException {
    disk.rename(from, to);
  }

  @Override
  public void forceNames() throws IOException {
    disk.forceNames();
  }

  @Override
  public long freeBytes() throws IOException {
    return disk.freeBytes();
  }

  @Override
  public String place() {
    return disk.place();
  }

  @Override
  public boolean lock() {
    return true;
  }

  @Override
  public void unlock() {
    // there is none
  }
}
