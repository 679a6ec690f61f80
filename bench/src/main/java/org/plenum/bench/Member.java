package org.plenum.bench;

/** A connected member of one room, of whichever server. Used on the loop's thread only. */
public interface Member {
  /** The number of this member in the run. */
  int number();

  /** The number of its room in the run. */
  int room();

  /**
   * Posts a text made by {@link Stamp}.
   *
   * @param n the sender's how manieth post, from 0
   */
  void post(int n, byte[] text);
}
