package org.plenum.web.edge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.plenum.platform.ErrorCode;
import org.plenum.platform.ServiceException;

class OriginPolicyTest {
  private final OriginPolicy policy =
      new OriginPolicy(List.of("https://portal.example.org", "http://intranet:8081"));

  @Test
  void ownOriginIsAllowed() {
    assertThat(policy.allows("http://localhost:8080", "localhost:8080")).isTrue();
    assertThat(policy.allows("https://chat.example.org", "chat.example.org")).isTrue();
    assertThat(policy.allows("https://chat.example.org", "chat.example.org:443")).isTrue();
    assertThat(policy.allows("http://CHAT.example.org", "chat.Example.org:80")).isTrue();
  }

  @Test
  void programWithoutOriginIsAllowed() {
    assertThat(policy.allows(null, "localhost:8080")).isTrue();
  }

  @Test
  void listedPortalIsAllowed() {
    assertThat(policy.allows("https://portal.example.org", "chat.example.org")).isTrue();
    assertThat(policy.allows("https://portal.example.org:443", "chat.example.org")).isTrue();
  }

  @Test
  void anythingElseIsRejected() {
    for (String origin :
        List.of(
            "http://portal.example.org",
            "https://portal.example.org.evil.com",
            "https://portal.example.org:8443",
            "http://localhost:9090",
            "https://evil.com/https://portal.example.org",
            "null",
            "",
            "%%%",
            "file://")) {
      assertThat(policy.allows(origin, "localhost:8080")).as(origin).isFalse();
    }
  }

  @Test
  void rejectionIsACodedProblem() {
    assertThatExceptionOfType(ServiceException.class)
        .isThrownBy(() -> policy.require("https://evil.com", "localhost"))
        .extracting(ServiceException::code)
        .isEqualTo(ErrorCode.ORIGIN_REJECTED);
  }
}
