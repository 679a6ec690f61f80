package org.plenum.web.error;

import static org.assertj.core.api.Assertions.assertThat;

import jakarta.ejb.EJBException;
import jakarta.json.bind.JsonbException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.plenum.platform.ErrorCode;
import org.plenum.platform.ServiceException;

class FaultsTest {
  @Test
  void codedFaultIsFoundInsideContainerExceptions() {
    ServiceException fault = new ServiceException(ErrorCode.GROUP_FULL, "full");

    assertThat(Faults.of(new EJBException(new IllegalStateException(fault)))).isSameAs(fault);
    assertThat(Faults.of(fault)).isSameAs(fault);
  }

  @Test
  void unreadableJsonIsTheClientsFault() {
    assertThat(Faults.of(new IllegalStateException(new JsonbException("bad"))).code())
        .isEqualTo(ErrorCode.MALFORMED_REQUEST);
  }

  @Test
  void anythingElseIsOurs() {
    assertThat(Faults.of(new IllegalStateException("boom")).code()).isEqualTo(ErrorCode.INTERNAL);
  }

  @Test
  void causesThatTurnInACircleEnd() {
    Exception first = new Exception("first");
    Exception second = new Exception("second", first);
    first.initCause(second);

    assertThat(Faults.of(first).code()).isEqualTo(ErrorCode.INTERNAL);
  }

  @Test
  void problemCarriesWhatRfc9457Asks() {
    ServiceException fault =
        new ServiceException(
            ErrorCode.RATE_LIMITED, "slow \"down\"", Duration.ofMillis(1_200), null);

    assertThat(new String(Problem.of(fault, "abc").json(), StandardCharsets.UTF_8))
        .isEqualTo(
            "{\"type\":\"urn:plenum:error:rate-limited\",\"title\":\"Too many requests\","
                + "\"status\":429,\"detail\":\"slow \\\"down\\\"\",\"code\":\"RATE_LIMITED\","
                + "\"correlationId\":\"abc\",\"retryAfter\":2}");
  }

  @Test
  void faultThatHealsAlwaysSaysWhenToTryAgain() {
    ServiceException fault = new ServiceException(ErrorCode.WRITER_UNAVAILABLE, "away");

    assertThat(Problem.of(fault, null).retryAfterSeconds()).isPositive();
  }

  @Test
  void internalDetailsStayInside() {
    Problem problem = Problem.of(Faults.of(new IllegalStateException("secret of jdbc")), "abc");

    assertThat(new String(problem.json(), StandardCharsets.UTF_8)).doesNotContain("secret");
  }
}
