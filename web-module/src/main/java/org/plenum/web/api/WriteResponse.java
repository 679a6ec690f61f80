package org.plenum.web.api;

import org.plenum.group.api.CommandAnswer;

/**
 * An acknowledged write.
 *
 * @param seq sequence of the first entry it made
 * @param no number of messages posted up to it
 * @param replayed whether this is the answer to an earlier write with the same client id
 */
public record WriteResponse(String group, long seq, long no, String at, boolean replayed) {
  /** The acknowledgement of an accepted command. */
  public static WriteResponse of(CommandAnswer.Accepted accepted) {
    return new WriteResponse(
        accepted.group().toString(),
        accepted.seq(),
        accepted.no(),
        Times.text(accepted.at()),
        accepted.replayed());
  }
}
