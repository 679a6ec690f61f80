package org.plenum.writer.api;

import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * Takes commands that another node of the cluster sends because this one leads the writing
 * (decision 5). The bytes are of the writer's own versioned encoding. Thread-safe.
 */
public interface WriterIntake {
  /** Where it is reached, from the root of the server. */
  String PATH = "/plenum/internal/v1/commands";

  /** Header with the secret of the cluster. */
  String SECRET_HEADER = "Plenum-Node-Secret";

  /** Media type of request and answer. */
  String MEDIA_TYPE = "application/vnd.plenum.commands";

  /** Whether this node is one of several; otherwise nothing is taken. */
  boolean open();

  /** Whether that is the secret of the cluster; takes the same time for each wrong one. */
  boolean admits(@Nullable String secret);

  /** Bytes of a request at most. */
  int maxBytes();

  /**
   * Carries out a batch; the stage completes on a thread of the writer, never exceptionally, when
   * each command has its answer.
   *
   * @throws org.plenum.platform.ServiceException MALFORMED_REQUEST for what is no batch
   */
  CompletionStage<byte[]> carryOut(byte[] batch);
}
