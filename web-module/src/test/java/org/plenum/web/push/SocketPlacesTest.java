package org.plenum.web.push;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import org.junit.jupiter.api.Test;
import org.plenum.platform.ErrorCode;
import org.plenum.platform.ServiceException;

/** The bounds of sockets. */
class SocketPlacesTest {
  private final SocketPlaces places = new SocketPlaces(3, 2);

  private void refused(long account, ErrorCode code) {
    assertThatExceptionOfType(ServiceException.class)
        .isThrownBy(() -> places.take(account))
        .matches(e -> e.code() == code, code.name());
  }

  @Test
  void oneAccountHasABoundOfItsOwn() {
    places.take(1);
    places.take(1);
    refused(1, ErrorCode.RATE_LIMITED);
    places.take(2);
    assertThat(places.taken()).isEqualTo(3);
  }

  @Test
  void theNodeHasABound() {
    places.take(1);
    places.take(2);
    places.take(3);
    refused(4, ErrorCode.READ_UNAVAILABLE);
  }

  @Test
  void aRefusalTakesNoPlace() {
    places.take(1);
    places.take(1);
    for (int i = 0; i < 10; i++) {
      refused(1, ErrorCode.RATE_LIMITED);
    }
    places.take(2);
    for (int i = 0; i < 10; i++) {
      refused(3, ErrorCode.READ_UNAVAILABLE);
    }
    assertThat(places.taken()).isEqualTo(3);
  }

  @Test
  void whatIsGivenBackIsFreeForTheAccountAndForOthers() {
    places.take(1);
    places.take(1);
    places.take(2);
    places.giveBack(1);
    places.take(1);
    places.giveBack(2);
    places.take(3);
    assertThat(places.taken()).isEqualTo(3);
  }
}
