package org.plenum.web.error;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.plenum.platform.ErrorCode;
import org.plenum.platform.ServiceException;

/**
 * The problem of every error code, byte for byte. Codes, types and statuses are promises to
 * clients: lines are added to the file, and none is changed or taken away.
 */
class ProblemGoldenTest {
  @Test
  void theProblemOfEveryCodeIsTheOneOfTheFile() throws IOException {
    List<String> problems =
        Arrays.stream(ErrorCode.values())
            .map(code -> Problem.of(new ServiceException(code, "what happened"), "0af7"))
            .map(problem -> new String(problem.json(), StandardCharsets.UTF_8))
            .sorted()
            .toList();
    try (InputStream golden =
        ProblemGoldenTest.class.getResourceAsStream("/golden/problems.jsonl")) {
      assertThat(golden).isNotNull();
      List<String> lines =
          new String(golden.readAllBytes(), StandardCharsets.UTF_8).lines().toList();
      assertThat(problems).containsExactlyElementsOf(lines);
    }
  }
}
