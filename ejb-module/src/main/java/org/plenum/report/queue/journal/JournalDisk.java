package org.plenum.report.queue.journal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * The folder of a journal, as far as the journal needs it; a port, so that failing and lying disks
 * can be tested. File names have no folder. Thread-safe as files are: two threads may use different
 * parts of one.
 */
public interface JournalDisk {
  /** Names of all files. */
  List<String> list() throws IOException;

  /** Opens a file for reading and writing; makes it when it is not there. */
  DiskFile open(String name) throws IOException;

  /** Opens a file for reading; fails when it is not there, and never makes it. */
  DiskFile existing(String name) throws IOException;

  /**
   * Makes an empty file, at most one caller of all that try, on whatever node.
   *
   * @return false when it was there
   */
  boolean create(String name) throws IOException;

  /** Deletes a file if it is there. */
  void delete(String name) throws IOException;

  /** Renames a file over another one, atomically. */
  void rename(String from, String to) throws IOException;

  /** Makes names durable: what was made, renamed and deleted. */
  void forceNames() throws IOException;

  /** Bytes that can still be written. */
  long freeBytes() throws IOException;

  /** Where this is, for messages. */
  String place();

  /**
   * Keeps other processes of this machine, and where the file system has locks, of others, out.
   *
   * @return false when somebody else has the lock
   */
  boolean lock() throws IOException;

  /** Gives the lock back. */
  void unlock() throws IOException;

  /** An open file. An interrupted thread may use it: that harms nobody else who does. */
  interface DiskFile extends AutoCloseable {
    /** Bytes in it. */
    long size() throws IOException;

    /** Reads up to as much as the buffer takes; -1 at the end. */
    int read(ByteBuffer into, long position) throws IOException;

    /** Writes all of the buffer. */
    void write(ByteBuffer from, long position) throws IOException;

    /** Makes what was written durable. */
    void force() throws IOException;

    /** Closes it. */
    @Override
    void close() throws IOException;
  }
}
